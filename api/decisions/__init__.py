"""Rules, decisions, overrides: the one door to the rules."""

from api.routing import Router

router = Router()
