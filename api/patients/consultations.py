"""Consultations: the talk before the treatment."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import Body, Instant, Line, Note
from api.paging import Order
from api.patients.code_lists import AlternativeCode, check_staff
from api.patients.record_kind import RecordKind, RecordRead
from api.security import Caller
from models import Consultation

Advice = Annotated[
    tuple[Line, ...],
    Field(
        max_length=30,
        description="Lifestyle advice given.",
        examples=[["Balanced diet", "Less heat styling"]],
    ),
]


class ConsultationCreate(Body):
    """What worries the patient, what they hope for, and what was recommended instead or besides."""

    held_at: Instant = Field(description="When they talked.")
    held_by: UUID | None = Field(None, description="Staff member; the caller if left out.")
    concerns: Note | None = Field(None, description="What worries the patient.")
    questions: Note | None = Field(None, description="What they asked.")
    alternatives_discussed: Annotated[
        tuple[AlternativeCode, ...],
        Field(max_length=30, examples=[["TOPICAL_MINOXIDIL", "NO_TREATMENT"]]),
    ] = ()
    lifestyle_advice: Advice = ()
    expectations: Note | None = Field(None, description="What the patient expects.")
    recommendation: Note | None = Field(None, description="What is recommended.")


class ConsultationRead(RecordRead):
    """A consultation."""

    held_at: Instant = Field(description="When they talked.")
    held_by: UUID | None = Field(description="Who talked with the patient.")
    concerns: str | None = Field(
        description="What worries the patient.", examples=["More hair in the brush."]
    )
    questions: str | None = Field(description="What they asked.", examples=["Does it hurt?"])
    alternatives_discussed: tuple[str, ...] = Field(
        description="Alternatives discussed.", examples=[["TOPICAL_MINOXIDIL"]]
    )
    lifestyle_advice: tuple[str, ...] = Field(
        description="Lifestyle advice given.", examples=[["Less heat styling"]]
    )
    expectations: str | None = Field(
        description="What the patient expects.", examples=["Less shedding."]
    )
    recommendation: str | None = Field(
        description="What is recommended.", examples=["Topical minoxidil first."]
    )


async def _columns(
    db: AsyncSession, caller: Caller, _patient_id: UUID, draft: ConsultationCreate
) -> dict[str, Any]:
    await check_staff(db, caller.clinic_id, draft.held_by, "/held_by")
    return dict(draft) | {"held_by": draft.held_by or caller.staff_id}


CONSULTATIONS = RecordKind(
    noun="consultation",
    path="consultations",
    tag="Consultations",
    table=Consultation,
    draft=ConsultationCreate,
    answer=ConsultationRead,
    newest_first=Order((col(Consultation.held_at), col(Consultation.id)), descending=True),
    past=("held_at",),
    columns=_columns,
)
