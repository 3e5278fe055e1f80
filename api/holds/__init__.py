"""What must not go on until somebody has looked: every stop, wherever it was opened."""

from api.holds.routes import router

__all__ = ["router"]
