"""What changes, for those who follow along: a feed to replay, a stream to listen to."""

from api.feeds.event_routes import router as events
from api.routing import Router

router = Router()
router.include_router(events)

__all__ = ["router"]
