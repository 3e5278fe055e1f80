"""Treatment plans: what a patient is going to receive, and what holds it."""

from api.plans import hold_routes, routes
from api.routing import Router

router = Router()
router.include_router(routes.router)
router.include_router(hold_routes.router)

__all__ = ["router"]
