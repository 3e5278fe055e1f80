"""The formulary: what can be in a formula, with its limits and where they come from."""

from api.ingredients.routes import router

__all__ = ["router"]
