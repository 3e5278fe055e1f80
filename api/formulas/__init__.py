"""Mixtures: authored as versions, approved by a second person, never changed afterwards."""

from api.formulas.routes import router

__all__ = ["router"]
