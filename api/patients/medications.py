"""Medications: what the patient takes or took. Taking none is an entry of its own."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.fields import Body, Day, Line, Note
from api.paging import Order
from api.patients.code_lists import MedicationCode
from api.patients.record_kind import RecordKind, RecordRead
from api.patients.records import standing
from api.problems import AlreadyExists, invalid
from api.security import Caller
from models import Medication

NONE_TAKEN = "NO_MEDICATION"

MedicineName = Annotated[
    Line, Field(description="Name of the medicine.", examples=["Losartan 50 mg"])
]
Dosage = Annotated[Line, Field(description="How it is taken.", examples=["once daily"])]
StartedOn = Annotated[
    Day | None, Field(description="First day, where known.", examples=["2024-01-15"])
]
StoppedOn = Annotated[
    Day | None, Field(description="Last day taken; null while current.", examples=[None])
]


class MedicationCreate(Body):
    """A medicine by its interaction class, or `OTHER` where the reference knows no interaction.

    `NO_MEDICATION` records that the patient was asked and takes none; it is refused while a
    medicine is current, and any new current medicine ends it.
    """

    code: MedicationCode
    name: MedicineName | None = Field(None, description="Required except with `NO_MEDICATION`.")
    dosage: Dosage | None = None
    started_on: StartedOn = None
    stopped_on: StoppedOn = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class MedicationChange(Body):
    """When it was stopped, or null where it was not after all; another dosage, other remarks."""

    stopped_on: StoppedOn = None
    dosage: Dosage | None = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class MedicationRead(RecordRead):
    """A medicine; current while `stopped_on` is null or not yet past."""

    code: str = Field(description="Interaction class.", examples=["ANTIHYPERTENSIVE"])
    name: str = Field(description="Name of the medicine.", examples=["Losartan 50 mg"])
    dosage: str | None = Field(description="How it is taken.", examples=["once daily"])
    started_on: StartedOn
    stopped_on: StoppedOn
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


async def _columns(
    db: AsyncSession, caller: Caller, patient_id: UUID, draft: MedicationCreate
) -> dict[str, Any]:
    if draft.code != NONE_TAKEN:
        if draft.name is None:
            raise invalid("/name", "missing", "Name the medicine.")
        return dict(draft)
    if draft.stopped_on is not None:
        raise invalid("/stopped_on", "not_current", "Taking none is recorded as current.")
    if await _current(db, caller, patient_id, col(Medication.code) != NONE_TAKEN):
        raise AlreadyExists("A current medicine is recorded.")
    return dict(draft) | {"name": draft.name or "None taken"}


async def _current(
    db: AsyncSession, caller: Caller, patient_id: UUID, which: Any
) -> list[Medication]:
    stopped_on = col(Medication.stopped_on)
    lasting = or_(stopped_on.is_(None), stopped_on > caller.today)
    return await standing(db, Medication, caller.clinic_id, patient_id, lasting, which)


async def _end_none(db: AsyncSession, caller: Caller, row: Medication, _draft: Any) -> None:
    """A current medicine ends every entry that none is taken."""
    if row.stopped_on is not None:
        return
    if row.code == NONE_TAKEN:
        if await _current(db, caller, row.patient_id, col(Medication.code) != NONE_TAKEN):
            raise AlreadyExists("A current medicine is recorded.")
        return
    for none in await _current(db, caller, row.patient_id, col(Medication.code) == NONE_TAKEN):
        none.stopped_on = max(caller.today, none.started_on or caller.today)
        audit.record(db, caller, "medication.superseded", none)
    await db.flush()


MEDICATIONS = RecordKind(
    noun="medication",
    path="medications",
    tag="Medications",
    table=Medication,
    draft=MedicationCreate,
    change=MedicationChange,
    answer=MedicationRead,
    newest_first=Order((col(Medication.id),), descending=True),
    past=("started_on",),
    span=("started_on", "stopped_on"),
    columns=_columns,
    afterwards=_end_none,
)
