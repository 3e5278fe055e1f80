"""What changes, for those who follow along: events to replay or listen to, calendars to follow."""

from api.feeds import departing  # noqa: F401  listens for sessions that are moved
from api.feeds.calendar_routes import router as calendars
from api.feeds.event_routes import router as events
from api.routing import Router

router = Router()
router.include_router(events)
router.include_router(calendars)

__all__ = ["router"]
