"""Treatment plans: what a patient is going to receive, and what holds it."""

from api.routing import Router

router = Router()
