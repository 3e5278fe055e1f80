"""Session protocols: how a course is spaced, in versions that somebody else approves."""

from api.protocols.routes import router

__all__ = ["router"]
