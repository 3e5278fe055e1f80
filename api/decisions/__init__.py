"""Rules, decisions, overrides: the one door to the rules."""

from api.decisions.routes import router

__all__ = ["router"]
