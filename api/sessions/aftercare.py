"""What to tell the patient after a session: advice by time, red flags, the usual course."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.advice import aftercare
from api.fields import Answer, Day, Instant
from api.security import Caller
from api.sessions.records import standing_administration
from models import AdministeredArea, Administration, TreatmentPlan, TreatmentSession

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_SOURCE = "Where it comes from."
_EVIDENCE = "Evidence mark of that source."
TO_BE_CONFIRMED = (
    "Reference default of the product, to be confirmed by the clinic's medical director."
)


class AdviceRead(Answer):
    """One piece of advice for a stretch of time after the session."""

    when: str = Field(description="In words.", examples=["0–24 h"])
    from_at: Instant = Field(description="From when it holds.")
    until_at: Instant | None = Field(description="Until when; null for as long as it lasts.")
    text: str = Field(description="To the patient.", examples=["Do not massage the treated area."])
    source: str = Field(description=_SOURCE, examples=["section 5.6 (convention)"])
    evidence: str = Field(description=_EVIDENCE, examples=["convention"])


class RedFlagRead(Answer):
    """A sign that the patient must report on the same day."""

    text: str = Field(description="To the patient.", examples=["Spreading redness."])
    source: str = Field(description=_SOURCE, examples=["section 5.6 (convention)"])
    evidence: str = Field(description=_EVIDENCE, examples=["convention"])


class CourseRead(Answer):
    """A common effect and how it usually goes."""

    code: str = Field(description="Code in the side-effect catalogue.", examples=["AE_PAIN"])
    name: str = Field(description="In words.", examples=["scalp/injection-site pain"])
    onset: str = Field(description="When it begins, days after the session.", examples=["0–1"])
    ends: str = Field(description="By which day it is usually over.", examples=["3"])
    ends_after: str = Field(
        description="What `ends` counts from: `session` or `onset`.", examples=["session"]
    )
    may_be_permanent: bool = Field(description="Whether it may stay.", examples=[False])
    red_flag: str = Field(
        description="What would not be usual.", examples=["worse after 72 h → inspect"]
    )
    frequency: str = Field(description="How often it was seen.", examples=["scalp unknown"])
    source: str = Field(description=_SOURCE, examples=["section 6.1"])
    evidence: str = Field(description=_EVIDENCE, examples=["unsure"])


class AftercareRead(Answer):
    """The leaflet of one session."""

    session_id: UUID = Field(description="The session.", examples=[_ID])
    session_on: Day = Field(description="The clinic's local day of the session.")
    performed: bool = Field(
        description="False: as planned; times count from the booked end.", examples=[True]
    )
    areas: tuple[str, ...] = Field(description="Treated areas.", examples=[["SCALP_FRONTAL"]])
    advice: tuple[AdviceRead, ...] = Field(description="In order of time.")
    red_flags: tuple[RedFlagRead, ...] = Field(description="To be reported the same day.")
    usual_course: tuple[CourseRead, ...] = Field(
        description="Common effects, shedding included where hair was treated."
    )
    note: str = Field(description="What these texts are worth.", examples=[TO_BE_CONFIRMED])


async def advise(db: AsyncSession, caller: Caller, session_id: UUID) -> AftercareRead:
    """The advice after a session: for what was injected, else for what the plan intends."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    plan = await found(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    record = await standing_administration(db, session)
    on, since = session.scheduled_on, session.ends_at
    if record is not None:
        on, since = record.performed_on, record.performed_at
    areas = plan.areas if record is None else await _treated(db, record)
    told = await aftercare(db, caller, plan, areas, on)
    return AftercareRead(
        session_id=session.id,
        session_on=on,
        performed=record is not None,
        areas=areas,
        advice=tuple(_advice(each, since) for each in told.advice),
        red_flags=tuple(RedFlagRead.model_validate(each) for each in told.red_flags),
        usual_course=tuple(_course(each) for each in told.usual),
        note=TO_BE_CONFIRMED,
    )


async def _treated(db: AsyncSession, record: Administration) -> tuple[str, ...]:
    """The areas that were treated, each once, in the record's order."""
    statement = (
        select(AdministeredArea.area)
        .where(
            AdministeredArea.clinic_id == record.clinic_id,
            AdministeredArea.administration_id == record.id,
        )
        .order_by(col(AdministeredArea.position))
    )
    return tuple(dict.fromkeys((await db.exec(statement)).all()))


def _advice(row: Any, since: datetime) -> AdviceRead:
    """The advice with its hours as instants."""
    return AdviceRead(
        when=row.when,
        from_at=since + timedelta(hours=row.from_hours),
        until_at=None if row.to_hours is None else since + timedelta(hours=row.to_hours),
        text=row.text,
        source=row.source,
        evidence=row.evidence,
    )


def _course(row: Any) -> CourseRead:
    """The usual course, as the catalogue words it."""
    return CourseRead(
        code=row.code,
        name=row.name,
        onset=row.onset_text,
        ends=row.end_text,
        ends_after=row.ends_after,
        may_be_permanent=row.may_be_permanent,
        red_flag=row.red_flag,
        frequency=row.frequency,
        source=row.source,
        evidence=row.evidence,
    )
