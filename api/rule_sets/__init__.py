"""The dated figures that the rules read, version by version."""

from api.rule_sets.routes import router

__all__ = ["router"]
