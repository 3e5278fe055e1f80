"""Rules, decisions, overrides: the one door to the rules."""

from api.decisions import changes, override_summary_routes, routes
from api.routing import Router

router = Router()
router.include_router(routes.router)
router.include_router(override_summary_routes.router)

__all__ = ["changes", "router"]
