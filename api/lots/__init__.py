"""What stands in the cupboard, and who was given what of it."""

from api.lots.routes import router

__all__ = ["router"]
