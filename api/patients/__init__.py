"""Patients: who they are, and everything that is known about them."""

from api.patients.routes import router

__all__ = ["router"]
