"""Treatment plans: what a patient is going to receive, and what holds it."""

from api.plans.routes import router

__all__ = ["router"]
