"""Which of the plan's sessions one is, and the phase of the protocol that it falls in.

The number is the session's place in the course by date, among those that take or took place. A
cancelled or missed one gives its number back, and those behind it move up: the course is not a
session shorter because somebody did not come. The rules on spacing rely on this order.
"""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.decisions.facts_plan import load_protocols, phase_name
from api.problems import Problem
from api.security import Caller
from api.sessions.moves import LIVE
from models import ProtocolPhase, ProtocolVersion, TreatmentPlan, TreatmentSession

MAINTENANCE = "maintenance"
PhaseOf = Callable[[int], str | None]


class AnotherSessionNumber(Problem):
    """The plan has that session already, or the booking would be another one of the course."""

    name, status, title = "another-session-number", 409, "It would be another session"
    what_to_do = (
        "Nothing was booked. `session_number` is the one that a session at that time would get;"
        " `session_id` is the session that has the expected number now, null where none has. Read"
        " the plan's sessions again before you book more."
    )


async def expect(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, starts_at: datetime, number: int
) -> None:
    """AnotherSessionNumber, unless a session that starts then is the plan's new one of that number.

    Numbers follow the calendar, so one before a booked session would take its number from it: the
    plan must not have that number yet.
    """
    live = await _live(db, plan)
    would_be = 1 + sum(1 for each in live if each.starts_at <= starts_at)
    has_it = live[number - 1] if number <= len(live) else None
    if has_it is None and would_be == number:
        return
    shown = has_it is not None and caller.may("sessions:read")
    raise AnotherSessionNumber(
        session_number=would_be, session_id=str(has_it.id) if has_it and shown else None
    )


async def place(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, session_id: UUID, starts_at: datetime
) -> tuple[int, str | None]:
    """Number and phase of a session that starts then; those behind it are numbered anew.

    The session itself, new or moved, is left to the caller. The patient is locked.
    """
    others = [each for each in await _live(db, plan) if each.id != session_id]
    earlier = [each for each in others if (each.starts_at, each.id) < (starts_at, session_id)]
    number = 1 + len(earlier)
    phase_of = await _phases(db, plan)
    for position, each in enumerate(others, 1):
        _number(db, caller, each, position if position < number else position + 1, phase_of)
    return number, phase_of(number)


async def number_anew(
    db: AsyncSession, caller: Caller, plans: Collection[TreatmentPlan], moving: Collection[UUID]
) -> None:
    """As `place`, for all of these plans at once. Their patients are locked.

    moving: ids of sessions that already stand where they go; that they move is told otherwise.
    """
    versions = {each.protocol_version_id for each in plans}
    protocols = await load_protocols(db, caller.clinic_id, versions)
    protocol_of = {each.id: protocols[each.protocol_version_id] for each in plans}
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            col(TreatmentSession.plan_id).in_(sorted(protocol_of)),
            col(TreatmentSession.state).in_(LIVE),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    numbers: Counter[UUID] = Counter()
    for session in await db.exec(statement):
        numbers[session.plan_id] += 1
        number, protocol = numbers[session.plan_id], protocol_of[session.plan_id]
        if session.id in moving:
            session.session_number, session.phase = number, phase_name(protocol, number)
        else:
            _number(db, caller, session, number, partial(phase_name, protocol))


async def foreseen_place(
    db: AsyncSession, plan: TreatmentPlan, starts_at: datetime
) -> tuple[int, str | None]:
    """Number and phase that a new session would get that starts then; nothing is numbered."""
    number = 1 + sum(1 for each in await _live(db, plan) if each.starts_at < starts_at)
    return number, (await _phases(db, plan))(number)


async def close_gap(db: AsyncSession, caller: Caller, left: TreatmentSession) -> None:
    """Move up the sessions behind one that will not, or did not, take place."""
    plan = await found(db, TreatmentPlan, left.clinic_id, left.plan_id)
    phase_of = await _phases(db, plan)
    for position, each in enumerate(await _live(db, plan), 1):
        _number(db, caller, each, position, phase_of)


def _number(
    db: AsyncSession, caller: Caller, session: TreatmentSession, number: int, phase_of: PhaseOf
) -> None:
    if session.session_number != number:
        session.session_number = number
        session.phase = phase_of(number)
        audit.record(db, caller, "session.renumbered", session)


async def _live(db: AsyncSession, plan: TreatmentPlan) -> list[TreatmentSession]:
    """The plan's sessions that take or took place, by start."""
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == plan.clinic_id,
            TreatmentSession.plan_id == plan.id,
            col(TreatmentSession.state).in_(LIVE),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    return list((await db.exec(statement)).all())


async def _phases(db: AsyncSession, plan: TreatmentPlan) -> PhaseOf:
    """The name of the protocol's phase by session number; None beyond the protocol's end."""
    statement = (
        select(ProtocolPhase)
        .where(
            ProtocolPhase.clinic_id == plan.clinic_id,
            ProtocolPhase.protocol_version_id == plan.protocol_version_id,
        )
        .order_by(col(ProtocolPhase.position))
    )
    names = [phase.name for phase in await db.exec(statement) for _ in range(phase.sessions)]
    version = await db.get_one(ProtocolVersion, (plan.clinic_id, plan.protocol_version_id))
    beyond = None if version.maintenance_target_days is None else MAINTENANCE
    return lambda number: names[number - 1] if number <= len(names) else beyond
