"""What somebody should look at: sessions that would be refused now, and incidents."""

from api.worklists.routes import router

__all__ = ["router"]
