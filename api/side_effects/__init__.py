"""What happened afterwards: reports, follow-ups, causality, and what they stop."""

from api.side_effects.routes import router

__all__ = ["router"]
