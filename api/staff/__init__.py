"""Who works here, in which roles."""

from api.staff.routes import router

__all__ = ["router"]
