"""What somebody should look at or do: sessions to review, incidents, and who is due."""

from api.routing import Router
from api.worklists.day_sheet_routes import router as day_sheet
from api.worklists.due_routes import router as due
from api.worklists.routes import router as review

router = Router()
router.include_router(review)
router.include_router(due)
router.include_router(day_sheet)

__all__ = ["router"]
