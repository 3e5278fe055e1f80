"""Whether the process lives and can work."""

from api.health.routes import router

__all__ = ["router"]
