"""The codes that entries are made of: checked when the request is read, listed in the document.

An unknown code is refused. A mistyped one would otherwise be stored, and no rule would find it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.patients.measures import MEASURES
from api.problems import FieldError, InvalidRequest, invalid
from models import Ingredient, StaffMember
from rules import codes

_NONE_KNOWN = {"NO_KNOWN_ALLERGIES": "asked, and none known"}
_NONE_TAKEN = {"NO_MEDICATION": "asked, and none taken"}
_NONE_PRESENT = {"NO_KNOWN_CONDITIONS": "asked, and none known"}
_NONE_USED = {"NO_OTHER_THERAPY": "asked, and none used"}
_OTHER = {"OTHER": "something else, in words"}


def _one_of(known: Iterable[str], what: str) -> Callable[[str], str]:
    allowed = frozenset(known)

    def check(value: str) -> str:
        if value not in allowed:
            raise PydanticCustomError("unknown_code", f"No {what} has this code.")
        return value

    return check


def coded(known: Iterable[str], what: str) -> tuple[Any, ...]:
    """The annotations of a code from a closed list; what: a noun, for the error's message."""
    listed = list(dict.fromkeys(known))
    return (
        AfterValidator(_one_of(listed, what)),
        WithJsonSchema(
            {"type": "string", "enum": listed, "description": f"Code of a {what}."}
            | {"examples": [listed[0]]}
        ),
    )


def _with(known: Mapping[str, str], *more: Mapping[str, str]) -> list[str]:
    return [*known, *(code for each in more for code in each)]


AllergyCode = Annotated[
    str, *coded(_with(codes.ALLERGY_CLASSES, _NONE_KNOWN, _OTHER), "allergy class")
]
ConditionCode = Annotated[str, *coded(_with(codes.CONDITIONS, _NONE_PRESENT, _OTHER), "condition")]
MedicationCode = Annotated[
    str, *coded(_with(codes.MEDICATIONS, _NONE_TAKEN, _OTHER), "medication class")
]
TherapyCode = Annotated[str, *coded(_with(codes.THERAPIES, _NONE_USED, _OTHER), "therapy")]
LifestyleCode = Annotated[str, *coded(_with(codes.LIFESTYLE_FACTORS, _OTHER), "lifestyle factor")]
AlternativeCode = Annotated[str, *coded(_with(codes.ALTERNATIVES, _OTHER), "alternative")]
AreaCode = Annotated[str, *coded(codes.AREAS, "body area")]
ConsentElement = Annotated[str, *coded(codes.CONSENT_ELEMENTS, "consent element")]
ScaleCode = Annotated[str, *coded(codes.SCALES, "grading scale")]
MeasurementKind = Annotated[str, *coded(MEASURES, "measurement")]
Icd10 = Annotated[
    str,
    StringConstraints(pattern=r"^[A-TV-Z][0-9][0-9A-B](\.[0-9A-Z]{1,4})?$"),
    Field(description="ICD-10 code.", examples=["L64.9"]),
]


def check_grade(scale: str, grade: str | None) -> None:
    """InvalidRequest where the scale has grades and this is none of them."""
    grades = codes.SCALES[scale]
    if grade is not None and grades and grade not in grades:
        raise invalid("/grade", "not_on_scale", f"Grades of this scale: {', '.join(grades)}.")


async def check_ingredients(db: AsyncSession, clinic_id: UUID, pointers: Mapping[str, str]) -> None:
    """InvalidRequest for ingredient codes that the clinic's formulary does not have.

    pointers: from code to where it stands in the request.
    """
    if not pointers:
        return
    statement = select(Ingredient.code).where(
        Ingredient.clinic_id == clinic_id, col(Ingredient.code).in_(list(pointers))
    )
    known = set((await db.exec(statement)).all())
    errors = [
        FieldError(pointer, "unknown_code", "No ingredient of the formulary has this code.")
        for code, pointer in pointers.items()
        if code not in known
    ]
    if errors:
        raise InvalidRequest(errors)


async def check_staff(
    db: AsyncSession, clinic_id: UUID, staff_id: UUID | None, pointer: str
) -> None:
    """InvalidRequest where the id is given and names nobody of this clinic's staff."""
    if staff_id is not None and await db.get(StaffMember, (clinic_id, staff_id)) is None:
        raise invalid(pointer, "unknown", "No member of staff has this id.")
