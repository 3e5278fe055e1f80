"""The clinic itself, and its rooms."""

from api.clinics.routes import router

__all__ = ["router"]
