"""Allergies. Having none is an entry of its own, because an empty list means nobody has asked."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.fields import Body, Code, Day, Line, Note
from api.paging import Order
from api.patients.code_lists import AllergyCode, check_ingredients
from api.patients.record_kind import RecordKind, RecordRead
from api.patients.records import standing
from api.patients.schemas import left_out
from api.problems import AlreadyExists, FieldError, InvalidRequest, invalid
from api.security import Caller
from models import Allergy, AllergySeverity, AllergyStatus

NONE_KNOWN = "NO_KNOWN_ALLERGIES"
OTHER = "OTHER"

Reaction = Annotated[
    Line, Field(description="What happens.", examples=["Urticaria within minutes"])
]
Substance = Annotated[
    Line, Field(description="The substance in words.", examples=["Smoked salmon"])
]


class AllergyCreate(Body):
    """An allergy to a class of substances, to one ingredient, or to something else in words.

    `NO_KNOWN_ALLERGIES` records that the patient was asked and has none; it is refused while an
    allergy is active, and any new allergy supersedes it.
    """

    code: AllergyCode | None = Field(
        None, description="Allergy class, `NO_KNOWN_ALLERGIES`, or `OTHER` with `substance`."
    )
    ingredient_code: Code | None = Field(
        None, description="An ingredient, instead of a class.", examples=["PDRN"]
    )
    substance: Substance | None = None
    reaction: Reaction | None = None
    severity: AllergySeverity = Field(
        AllergySeverity.UNKNOWN, description="How bad the reaction is.", examples=["severe"]
    )
    status: AllergyStatus = Field(
        AllergyStatus.ACTIVE,
        description="How it stands; only active ones count for the rules.",
        examples=["active"],
    )
    onset_on: Day | None = Field(None, description="First reaction.", examples=["2019-06-01"])
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class AllergyChange(Body):
    """What became known since: another status or severity, a better description."""

    status: AllergyStatus = left_out(
        description="How it stands; only active ones count for the rules.", examples=["active"]
    )
    severity: AllergySeverity = left_out(
        description="How bad the reaction is.", examples=["severe"]
    )
    reaction: Reaction | None = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class AllergyRead(RecordRead):
    """An allergy; `code` is the class, or the ingredient's code where it is to an ingredient."""

    code: str = Field(description="The class, or the ingredient.", examples=["FISH"])
    ingredient_code: str | None = Field(description="The ingredient, where it is to one.")
    substance: str | None = Field(description="The substance in words.")
    reaction: str | None = Field(description="What happens.")
    severity: AllergySeverity = Field(description="How bad the reaction is.", examples=["severe"])
    status: AllergyStatus = Field(description="Only active ones count for the rules.")
    onset_on: Day | None = Field(description="First reaction.")
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


async def _columns(
    db: AsyncSession, caller: Caller, patient_id: UUID, draft: AllergyCreate
) -> dict[str, Any]:
    if (draft.code is None) == (draft.ingredient_code is None):
        message = "Give either code or ingredient_code, one of the two."
        raise InvalidRequest(
            [FieldError(f"/{name}", "exactly_one", message) for name in ("code", "ingredient_code")]
        )
    if draft.ingredient_code is not None:
        await check_ingredients(db, caller.clinic_id, {draft.ingredient_code: "/ingredient_code"})
    if draft.code == OTHER and draft.substance is None:
        raise invalid("/substance", "missing", "Say which substance.")
    if draft.code == NONE_KNOWN:
        if draft.status is not AllergyStatus.ACTIVE:
            raise invalid("/status", "not_active", "Having none is recorded as active.")
        await _refuse_while_allergic(db, caller, patient_id)
    return dict(draft) | {"code": draft.code or draft.ingredient_code}


async def _refuse_while_allergic(db: AsyncSession, caller: Caller, patient_id: UUID) -> None:
    active = await _active(db, caller, patient_id, col(Allergy.code) != NONE_KNOWN)
    if active:
        raise AlreadyExists(
            "An active allergy is recorded.", allergy_ids=[str(row.id) for row in active]
        )


async def _active(db: AsyncSession, caller: Caller, patient_id: UUID, which: Any) -> list[Allergy]:
    is_active = col(Allergy.status) == AllergyStatus.ACTIVE
    return await standing(db, Allergy, caller.clinic_id, patient_id, is_active, which)


async def _supersede_none(db: AsyncSession, caller: Caller, row: Allergy, _draft: Any) -> None:
    """An active allergy refutes every entry that there is none."""
    if row.status is not AllergyStatus.ACTIVE:
        return
    if row.code == NONE_KNOWN:
        others = col(Allergy.code) != NONE_KNOWN
        if await _active(db, caller, row.patient_id, others):
            raise AlreadyExists("An active allergy is recorded.")
        return
    for none in await _active(db, caller, row.patient_id, col(Allergy.code) == NONE_KNOWN):
        none.status = AllergyStatus.REFUTED
        audit.record(db, caller, "allergy.superseded", none)
    await db.flush()


ALLERGIES = RecordKind(
    noun="allergy",
    path="allergies",
    tag="Allergies",
    table=Allergy,
    draft=AllergyCreate,
    change=AllergyChange,
    answer=AllergyRead,
    newest_first=Order((col(Allergy.id),), descending=True),
    past=("onset_on",),
    columns=_columns,
    afterwards=_supersede_none,
)
