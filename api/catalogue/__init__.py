"""Public pages: what each problem means and what to do about it."""

from api.catalogue.routes import router

__all__ = ["router"]
