"""Filled by its owner."""

from api.routing import Router

router = Router()
