"""Rules, decisions, overrides: the one door to the rules."""

from api.decisions import changes
from api.decisions.routes import router

__all__ = ["changes", "router"]
