"""Where a session and the rest of its course go when they move together."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import how_to_book
from api.clock import local_day
from api.database import found
from api.decisions.days_ahead import DaysAhead, Judged
from api.decisions.later import MET_LATER
from api.scheduling import resources
from api.scheduling.agenda import Period, SparseAgenda, Who
from api.scheduling.course_planning import TRIES, Placed, Planner, Stuck, Wanted
from api.scheduling.ranking import Preferences
from api.scheduling.shift_schemas import ShiftCreate
from api.security import Caller
from api.sessions.rest_of_course import AHEAD, Proposal
from models import TreatmentPlan, TreatmentSession

_DAY = timedelta(days=1)
_TRIES = 8  # of what is only shown: whoever waits for a move does not wait for a long search


async def places(
    db: AsyncSession,
    caller: Caller,
    judge: DaysAhead,
    rows: Sequence[TreatmentSession],
    draft: ShiftCreate,
    tries: int = TRIES,
) -> tuple[Placed, ...] | Stuck:
    """The first of `rows` where `draft` says, the others behind it nearest to the protocol's days.

    They keep their lengths, and to the people and rooms that they have between them. judge: knows
    none of them.
    """
    start = _first(judge, rows[0], draft)
    people = list(dict.fromkeys([start.practitioner_id, *(row.practitioner_id for row in rows)]))
    who = Who(
        people,
        await _rooms(db, caller, [start.room_id, *(row.room_id for row in rows)], rows[0].plan_id),
        rows[0].patient_id,
        moving=[row.id for row in rows],
    )
    how = await how_to_book(db, caller.clinic_id)
    minute = caller.now.replace(second=0, microsecond=0)
    last = max(local_day(draft.starts_at, caller.zone), caller.today) + AHEAD - _DAY
    today = {each.code for each in judge.at(caller.now).findings}
    wanted = Wanted(
        sessions=len(rows),
        first_on=caller.today,
        last_on=last,
        overridden=frozenset(each.code for each in draft.overrides) | (MET_LATER - today),
        acknowledged=frozenset(draft.acknowledged),
        wishes=Preferences(zone=caller.zone, people=frozenset({start.practitioner_id})),
        how=how,
        length=None,
        lengths=(
            start.ends_at - start.starts_at,
            *(row.ends_at - row.starts_at for row in rows[1:]),
        ),
    )
    until = minute + (last - caller.today).days * _DAY
    agenda = SparseAgenda(db, caller, Period(minute, until, how.not_before(caller.now)), who)
    return await Planner(wanted, judge, agenda, caller.zone, tries).place((start,))


async def _rooms(
    db: AsyncSession, caller: Caller, had: Sequence[UUID | None], plan_id: UUID
) -> list[UUID]:
    """The rooms that they have, in that order, without any that lacks what the plan needs."""
    rooms = list(dict.fromkeys(room for room in had if room is not None))
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    if not plan.room_features:
        return rooms
    fit = await resources.rooms(db, caller, rooms, (), plan)
    return [room for room in rooms if room in fit] or fit


def _first(judge: DaysAhead, session: TreatmentSession, draft: ShiftCreate) -> Placed:
    length = session.ends_at - session.starts_at
    if draft.duration_minutes is not None:
        length = timedelta(minutes=draft.duration_minutes)
    return Placed(
        draft.starts_at,
        draft.starts_at + length,
        draft.practitioner_id or session.practitioner_id,
        draft.room_id if "room_id" in draft.model_fields_set else session.room_id,
        None,
        judge.at(draft.starts_at),
    )


def stays(session: TreatmentSession, draft: ShiftCreate) -> bool:
    """Whether only those behind it move. Then nothing is asked about the session itself."""
    to = (draft.starts_at, draft.practitioner_id or session.practitioner_id)
    room = draft.room_id if "room_id" in draft.model_fields_set else session.room_id
    length = (session.ends_at - session.starts_at) // timedelta(minutes=1)
    return (*to, room, draft.duration_minutes or length) == (
        session.starts_at,
        session.practitioner_id,
        session.room_id,
        length,
    )


def unanswered(judged: Iterable[Judged], draft: ShiftCreate) -> list[str]:
    """Codes of the findings that `draft` does not answer, or that nobody can."""
    given = {*draft.acknowledged, *(each.code for each in draft.overrides)}
    left = {
        code
        for each in judged
        for code in (*each.blocked, *each.override, *each.acknowledge)
        if code not in given or code in each.blocked
    }
    return sorted(left)


async def propose(
    db: AsyncSession,
    caller: Caller,
    judge: DaysAhead,
    rows: Sequence[TreatmentSession],
    body: dict[str, Any],
) -> Proposal:
    """What the shift of `body` would come to, as the calendars are now; nothing is locked.

    It looks less long than the shift itself, which may find what this does not.
    """
    draft = ShiftCreate.model_validate(body)
    placed = await places(db, caller, judge, rows, draft, _TRIES)
    so_far = placed.placed if isinstance(placed, Stuck) else placed
    asked = so_far[1:] if stays(rows[0], draft) else so_far
    starts: dict[UUID, Any] = {
        row.id: each.starts_at for row, each in zip(rows, so_far, strict=False)
    }
    return Proposal(
        starts if not isinstance(placed, Stuck) else {},
        tuple(unanswered([each.judged for each in asked], draft)),
        placed.session_number if isinstance(placed, Stuck) else None,
    )
