"""Which sessions a list shows."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, exists, select
from sqlmodel import col

from api.fields import Instant
from api.paging import PageQuery
from models import SessionState, TreatmentSession, WorklistItem

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class SessionQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    practitioner_id: UUID | None = Field(None, description="Performed by.", examples=[_ID])
    room_id: UUID | None = Field(None, description="In this room.", examples=[_ID])
    patient_id: UUID | None = Field(None, description="Of this patient.", examples=[_ID])
    plan_id: UUID | None = Field(None, description="Of this plan.", examples=[_ID])
    state: tuple[SessionState, ...] = Field(
        (), description="In one of these states; may be repeated.", examples=[["scheduled"]]
    )
    overbooked: bool | None = Field(
        None, description="`true`: only those that double-book on purpose.", examples=[True]
    )
    needs_review: bool | None = Field(
        None,
        description="`true`: only those on the review worklist, which a rule or a calendar refuses"
        " by now; `false`: only the others.",
        examples=[True],
    )
    starts_after: Instant | None = Field(None, description="Starting at this instant or later.")
    starts_before: Instant | None = Field(None, description="Starting before this instant.")
    sort: Literal["starts_at", "-starts_at"] = Field(
        "starts_at", description="Earliest or latest first.", examples=["-starts_at"]
    )


def matching(clinic_id: UUID, query: SessionQuery) -> Select[Any]:
    """The clinic's sessions that meet every filter; `starts_after` is inclusive."""
    statement = select(TreatmentSession).where(col(TreatmentSession.clinic_id) == clinic_id)
    equal = {
        TreatmentSession.practitioner_id: query.practitioner_id,
        TreatmentSession.room_id: query.room_id,
        TreatmentSession.patient_id: query.patient_id,
        TreatmentSession.plan_id: query.plan_id,
    }
    for column, wanted in equal.items():
        if wanted is not None:
            statement = statement.where(col(column) == wanted)
    if query.state:
        statement = statement.where(col(TreatmentSession.state).in_(query.state))
    if query.overbooked is not None:
        on_purpose = col(TreatmentSession.overbooks).is_not(None)
        statement = statement.where(on_purpose if query.overbooked else ~on_purpose)
    if query.needs_review is not None:
        listed = exists().where(
            col(WorklistItem.clinic_id) == clinic_id,
            col(WorklistItem.session_id) == col(TreatmentSession.id),
            col(WorklistItem.closed_at).is_(None),
        )
        statement = statement.where(listed if query.needs_review else ~listed)
    if query.starts_after is not None:
        statement = statement.where(col(TreatmentSession.starts_at) >= query.starts_after)
    if query.starts_before is not None:
        statement = statement.where(col(TreatmentSession.starts_at) < query.starts_before)
    return statement
