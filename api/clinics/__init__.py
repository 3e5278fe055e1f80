"""The clinic itself, its rooms and its calendars."""

from api.clinics.calendar_routes import router as calendars
from api.clinics.routes import router as clinic
from api.routing import Router

router = Router()
router.include_router(clinic)
router.include_router(calendars)

__all__ = ["router"]
