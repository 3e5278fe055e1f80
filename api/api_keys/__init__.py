"""API keys: narrow credentials for machines."""

from api.api_keys.routes import router

__all__ = ["router"]
