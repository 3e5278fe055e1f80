"""The dated figures that the rules read, version by version."""

from api.routing import Router
from api.rule_sets import routes, testing_routes

router = Router()
router.include_router(routes.router)
router.include_router(testing_routes.router)

__all__ = ["router"]
