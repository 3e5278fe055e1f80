"""Finding time: reservations, slots, whole courses."""

from api.routing import Router
from api.scheduling import course_routes, reservation_routes, slot_routes

router = Router()
router.include_router(slot_routes.router)
router.include_router(course_routes.router)
router.include_router(reservation_routes.router)

__all__ = ["router"]
