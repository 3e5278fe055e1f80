"""What happened afterwards: reports, follow-ups, causality, and what they stop."""

from api.routing import Router
from api.side_effects import pregnancy, routes, submission_routes, task_routes

router = Router()
router.include_router(routes.router)
router.include_router(submission_routes.router)
router.include_router(task_routes.router)

__all__ = ["pregnancy", "router"]
