"""Where and how it is injected: codes of areas and techniques, and which areas overlap."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from rules.codes import AREA_WHOLES, AREAS, TECHNIQUES


def _one_of(codes: Mapping[str, str], what: str) -> Callable[[str], str]:
    def check(code: str) -> str:
        if code not in codes:
            raise PydanticCustomError(
                "unknown_code", "Use a code of the list of {what}.", {"what": what}
            )
        return code

    return check


AreaCode = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_one_of(AREAS, "areas")),
    WithJsonSchema({"type": "string", "enum": list(AREAS), "examples": ["SCALP_FRONTAL"]}),
]
TechniqueCode = Annotated[
    str,
    Field(max_length=40),
    AfterValidator(_one_of(TECHNIQUES, "techniques")),
    WithJsonSchema({"type": "string", "enum": list(TECHNIQUES), "examples": ["POINT_BY_POINT"]}),
]


def each_once(areas: tuple[str, ...]) -> tuple[str, ...]:
    """The areas as given; an area that is named twice is an error."""
    if len(set(areas)) != len(areas):
        raise PydanticCustomError("repeated", "Name each area once.")
    return areas


def overlapping(areas: Iterable[str]) -> tuple[str, ...]:
    """These areas with the wholes that they belong to and the parts that they have, sorted."""
    given = set(areas)
    wholes = {AREA_WHOLES[area] for area in given if area in AREA_WHOLES}
    parts = {part for part, whole in AREA_WHOLES.items() if whole in given}
    return tuple(sorted(given | wholes | parts))
