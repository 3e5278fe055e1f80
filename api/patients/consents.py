"""Consents: what was signed, for what, until when; and its withdrawal."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.fields import Body, Code, Day, Line, Name
from api.paging import Order
from api.patients.code_lists import (
    AreaCode,
    ConsentElement,
    Icd10,
    check_ingredients,
    check_staff,
)
from api.patients.record_kind import RecordKind, RecordRead
from api.patients.schemas import Language
from api.problems import IllegalTransition, invalid
from api.security import Caller
from models import Consent, ConsentSigner


class ConsentState(StrEnum):
    """Whether a consent holds today."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ENTERED_IN_ERROR = "entered_in_error"


DocumentCode = Annotated[Code, Field(description="Which text was signed.", examples=["MESO-SCALP"])]
DocumentVersion = Annotated[
    Name, Field(description="Which version of the text.", examples=["2026-01"])
]


class ConsentCreate(Body):
    """A signed consent. Photographs for teaching and registry use are separate choices."""

    document_code: DocumentCode
    document_version: DocumentVersion
    language: Language | None = None
    interpreter: Name | None = Field(None, description="Who interpreted.")
    signed_on: Day = Field(description="Day of the signature, day 0 of its validity.")
    signed_by: ConsentSigner = Field(
        ConsentSigner.PATIENT, description="Who signed.", examples=["patient"]
    )
    obtained_by: UUID | None = Field(None, description="Staff member; the caller if left out.")
    witness: Name | None = Field(None, description="Who witnessed it.", examples=["Inès Laurent"])
    valid_days: int = Field(
        365,
        ge=1,
        le=365,
        description="Days after signing on which it still holds, the last included.",
        examples=[365],
    )
    ingredient_codes: Annotated[
        tuple[Code, ...], Field(max_length=60, examples=[["DEXPANTHENOL", "BIOTIN"]])
    ] = ()
    areas: Annotated[tuple[AreaCode, ...], Field(max_length=30, examples=[["SCALP"]])] = ()
    icd10: Icd10 | None = None
    elements: Annotated[
        tuple[ConsentElement, ...],
        Field(max_length=13, description="Numbered elements of clinical reference 5.4 covered."),
    ] = ()
    photos_clinical: bool = Field(False, description="Photographs for the record.", examples=[True])
    photos_teaching: bool = Field(
        False, description="Photographs for teaching: a separate choice.", examples=[False]
    )
    registry_use: bool = Field(
        False, description="De-identified use in a registry: a separate choice.", examples=[False]
    )


class ConsentRead(RecordRead):
    """A consent, and whether it holds today."""

    document_code: str = Field(description="Which text was signed.", examples=["MESO-SCALP"])
    document_version: str = Field(description="Which version of the text.", examples=["2026-01"])
    language: str | None = Field(description="BCP 47 tag of the text.", examples=["fr"])
    interpreter: str | None = Field(description="Who interpreted.", examples=["Sofia Rossi"])
    signed_on: Day = Field(description="Day of the signature, day 0 of its validity.")
    signed_by: ConsentSigner = Field(description="Who signed.", examples=["patient"])
    obtained_by: UUID | None = Field(description="Who explained it.")
    witness: str | None = Field(description="Who witnessed it.", examples=["Inès Laurent"])
    valid_days: int = Field(
        description="Days after signing on which it still holds.", examples=[365]
    )
    valid_until: Day = Field(description="The last day on which it holds, unless withdrawn.")
    state: ConsentState = Field(description="As of today.")
    ingredient_codes: tuple[str, ...] = Field(
        description="Ingredients that it covers.", examples=[["BIOTIN"]]
    )
    areas: tuple[str, ...] = Field(description="Body areas.", examples=[["SCALP"]])
    icd10: str | None = Field(description="ICD-10 code.", examples=["L64.9"])
    elements: tuple[str, ...] = Field(
        description="Numbered elements of clinical reference 5.4 that it covers.",
        examples=[["1", "13"]],
    )
    photos_clinical: bool = Field(description="Photographs for the record.", examples=[True])
    photos_teaching: bool = Field(
        description="Photographs for teaching: a separate choice.", examples=[False]
    )
    registry_use: bool = Field(
        description="De-identified use in a registry: a separate choice.", examples=[False]
    )
    withdrawn_on: Day | None = Field(description="From this day on it no longer holds.")
    withdrawn_reason: str | None = Field(
        description="Why it was withdrawn.", examples=["Changed her mind."]
    )


class Withdrawal(Body):
    """The patient takes the consent back; it stays on record and holds no longer."""

    withdrawn_on: Day | None = Field(None, description="Today if left out.")
    reason: Annotated[Line, Field(description="Why.", examples=["Changed her mind."])]


def valid_until(row: Consent) -> date:
    """The last day on which the consent holds; the day of signing is day 0."""
    return row.signed_on + timedelta(days=row.valid_days)


def state(row: Consent, today: date) -> ConsentState:
    """Whether the consent holds on `today`; it no longer does on the day of its withdrawal."""
    if row.entered_in_error_at is not None:
        return ConsentState.ENTERED_IN_ERROR
    if row.withdrawn_on is not None and row.withdrawn_on <= today:
        return ConsentState.WITHDRAWN
    return ConsentState.VALID if today <= valid_until(row) else ConsentState.EXPIRED


async def _columns(
    db: AsyncSession, caller: Caller, _patient_id: UUID, draft: ConsentCreate
) -> dict[str, Any]:
    pointers = {code: f"/ingredient_codes/{at}" for at, code in enumerate(draft.ingredient_codes)}
    await check_ingredients(db, caller.clinic_id, pointers)
    await check_staff(db, caller.clinic_id, draft.obtained_by, "/obtained_by")
    return dict(draft) | {"obtained_by": draft.obtained_by or caller.staff_id}


async def withdraw(
    db: AsyncSession, caller: Caller, row: Consent, withdrawal: Withdrawal
) -> Consent:
    """Take a locked consent back; IllegalTransition where that has happened."""
    if row.withdrawn_on is not None:
        raise IllegalTransition("withdrawn", [])
    on = withdrawal.withdrawn_on or caller.today
    if on > caller.today:
        raise invalid("/withdrawn_on", "in_the_future", "This lies in the future.")
    if on < row.signed_on:
        raise invalid("/withdrawn_on", "before_its_start", "This lies before the signature.")
    row.withdrawn_on, row.withdrawn_reason = on, withdrawal.reason
    audit.record(db, caller, "consent.withdrawn", row, reason=withdrawal.reason)
    await db.flush()
    return row


async def as_of_today(
    _db: AsyncSession, caller: Caller, rows: Sequence[Consent]
) -> list[RecordRead]:
    """The consents as answers, each with its state today."""
    return [
        ConsentRead.model_validate(
            row.model_dump() | {"valid_until": valid_until(row), "state": state(row, caller.today)}
        )
        for row in rows
    ]


CONSENTS = RecordKind(
    noun="consent",
    path="consents",
    tag="Consents",
    table=Consent,
    draft=ConsentCreate,
    answer=ConsentRead,
    newest_first=Order((col(Consent.signed_on), col(Consent.id)), descending=True),
    past=("signed_on",),
    columns=_columns,
    answers=as_of_today,
)
