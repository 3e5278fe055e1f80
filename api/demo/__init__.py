"""A believable clinic, invented whole, made through the product's own API."""

from api.demo.filling import fill
from api.demo.workbench import NotEmpty, is_empty

__all__ = ["NotEmpty", "fill", "is_empty"]
