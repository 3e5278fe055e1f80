"""Repairs: when somebody or something is unavailable, a place elsewhere for every session."""

from api.repairs.routes import router

__all__ = ["router"]
