"""Conditions: what the patient has or had."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import Body, Day, Note
from api.paging import Order
from api.patients.code_lists import ConditionCode, Icd10
from api.patients.record_kind import RecordKind, RecordRead
from api.problems import invalid
from api.security import Caller
from models import Condition

NONE_PRESENT = "NO_KNOWN_CONDITIONS"

EndedOn = Annotated[
    Day | None,
    Field(description="Last day on which it was present; null while it lasts.", examples=[None]),
]
OnsetOn = Annotated[
    Day | None, Field(description="First day, where known.", examples=["2021-05-01"])
]


class ConditionCreate(Body):
    """A condition by the codes of the clinical reference, or `OTHER` with an ICD-10 code or notes.

    `NO_KNOWN_CONDITIONS` records that the patient was asked and has none, which the rules tell
    from "not asked". Pregnancy and lactation may be recorded here as facts that last; what the
    patient answers when asked belongs to the pregnancy statements.
    """

    code: ConditionCode
    icd10: Icd10 | None = None
    onset_on: OnsetOn = None
    ended_on: EndedOn = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class ConditionChange(Body):
    """When it ended, or null where it did not after all; other remarks."""

    ended_on: EndedOn = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class ConditionRead(RecordRead):
    """A condition; active while `ended_on` is null or not yet past."""

    code: str = Field(description="The condition.", examples=["HEART_FAILURE"])
    icd10: str | None = Field(description="ICD-10 code.", examples=["I50.9"])
    onset_on: OnsetOn
    ended_on: EndedOn
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


async def _columns(
    _db: AsyncSession, _caller: Caller, _patient_id: UUID, draft: ConditionCreate
) -> dict[str, Any]:
    if draft.code == "OTHER" and draft.icd10 is None and draft.notes is None:
        raise invalid("/icd10", "missing", "Say which: an ICD-10 code, or notes.")
    return dict(draft)


CONDITIONS = RecordKind(
    noun="condition",
    path="conditions",
    tag="Conditions",
    table=Condition,
    draft=ConditionCreate,
    change=ConditionChange,
    answer=ConditionRead,
    newest_first=Order((col(Condition.id),), descending=True),
    past=("onset_on", "ended_on"),
    span=("onset_on", "ended_on"),
    columns=_columns,
)
