"""Where and how it is injected: codes of areas and techniques, and which areas overlap."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_core import PydanticCustomError

AreaCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$"),
    Field(description="Area code.", examples=["SCALP_FRONTAL"]),
]
TechniqueCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$"),
    Field(description="Technique code.", examples=["POINT_BY_POINT"]),
]


def each_once(areas: tuple[str, ...]) -> tuple[str, ...]:
    """The areas as given; an area that is named twice is an error."""
    if len(set(areas)) != len(areas):
        raise PydanticCustomError("repeated", "Name each area once.")
    return areas


def overlapping(areas: Iterable[str]) -> tuple[str, ...]:
    """These areas with the wholes that they belong to and the parts that they have."""
    return tuple(sorted(set(areas)))
