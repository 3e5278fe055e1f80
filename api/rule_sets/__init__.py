"""The dated figures that the rules read, version by version."""

from api.routing import Router

router = Router()
