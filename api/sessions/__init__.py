"""Treatment sessions: booked, moved, checked in, performed, corrected."""

from api.routing import Router
from api.sessions import clinical_routes, routes

router = Router()
router.include_router(routes.router)
router.include_router(clinical_routes.router)

__all__ = ["router"]
