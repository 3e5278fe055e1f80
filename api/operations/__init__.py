"""Long work: asked for in a request, carried out behind it, watched and cancelled."""

from api.operations.routes import router

__all__ = ["router"]
