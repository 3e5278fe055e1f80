"""Those who would come if time became free, and the offers that are made to them."""

from api.routing import Router
from api.waitlist.announcing import Announcer
from api.waitlist.entry_routes import router as entries
from api.waitlist.offer_routes import router as offers
from api.waitlist.offering import offer_freed

router = Router()
router.include_router(offers)
router.include_router(entries)

__all__ = ["Announcer", "offer_freed", "router"]
