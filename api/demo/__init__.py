"""A believable clinic, invented whole, made through the product's own API."""

from api.demo.filling import fill, is_empty

__all__ = ["fill", "is_empty"]
