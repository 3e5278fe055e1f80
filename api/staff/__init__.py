"""Who works here, in which roles, and when."""

from api.routing import Router
from api.staff.hours_routes import router as hours
from api.staff.routes import router as members

router = Router()
router.include_router(members)
router.include_router(hours)

__all__ = ["router"]
