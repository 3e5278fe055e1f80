"""Examples of whole requests and answers, put together from the examples of their fields.

A field's own example comes first; without one, whatever its type allows no doubt about: an only
value, an id, a day, an instant, true. A field that leaves doubt is left out (and a test of the
document names it), so that an example never holds a value that was made up here.
"""

from collections.abc import Mapping
from typing import Any

_OBVIOUS = {
    "uuid": "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10",
    "date": "2026-03-02",
    "date-time": "2026-03-02T08:20:00Z",
}
_PREFIX = "#/components/schemas/"
_DEPTH = 20  # deeper than any body; a schema that contains itself ends here

Schema = Mapping[str, Any]


class Unknown(LookupError):
    """Nothing says what a value of this schema looks like."""


class Examples:
    """Makes examples from the named schemas of one document."""

    def __init__(self, schemas: Schema) -> None:
        self._schemas = schemas

    def add_to(self, operation: dict[str, Any]) -> None:
        """Give each JSON body of the operation an example, unless it has one already."""
        answers = operation["responses"].values()
        bodies = [operation.get("requestBody", {}), *answers]
        for body in bodies:
            for media_type, content in body.get("content", {}).items():
                told = "example" in content or "examples" in content
                if told or "schema" not in content or "problem" in media_type:
                    continue
                try:
                    content["example"] = self.of(content["schema"])
                except Unknown:
                    continue

    def of(self, schema: Schema, depth: int = 0) -> Any:
        """A value of this schema, or Unknown."""
        if depth > _DEPTH:
            raise Unknown
        if schema.get("examples"):
            return schema["examples"][0]
        if "const" in schema:
            return schema["const"]
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].removeprefix(_PREFIX)], depth + 1)
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self._first(schema[choice], depth)
        if schema.get("default") is not None:
            return schema["default"]
        if "enum" in schema:
            return schema["enum"][0]
        return self._by_type(schema, depth)

    def _first(self, choices: list[Schema], depth: int) -> Any:
        for choice in choices:
            try:
                return self.of(choice, depth + 1)
            except Unknown:
                continue
        raise Unknown

    def _by_type(self, schema: Schema, depth: int) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        if schema.get("format") in _OBVIOUS:
            return _OBVIOUS[schema["format"]]
        raise Unknown

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for name, field in schema.get("properties", {}).items():
            try:
                value[name] = self.of(field, depth + 1)
            except Unknown:
                continue
        return value

    def _array(self, schema: Schema, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(item, depth + 1) for item in schema["prefixItems"]]
        if "items" not in schema:
            raise Unknown
        return [self.of(schema["items"], depth + 1)]
