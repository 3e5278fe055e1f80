"""Treatment sessions: booked, moved, checked in, performed, corrected."""

from api.routing import Router
from api.sessions.clinical_routes import router as clinical
from api.sessions.routes import router as bookings

router = Router()
router.include_router(bookings)
router.include_router(clinical)

__all__ = ["router"]
