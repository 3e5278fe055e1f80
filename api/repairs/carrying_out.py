"""Moving sessions to their proposed places, all of them together.

All new times are written first, so that each session is then judged beside where the others go, by
the ordinary rescheduling: calendars, conflicts and rules of this moment have the last word.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.problems import Problem
from api.repairs.outdated import RepairOutdated, refused
from api.repairs.schemas import RepairMove, RepairPlace
from api.security import Caller
from api.sessions import booking
from api.sessions.conflicts import flush_booking
from api.sessions.joint import Joint, join
from api.sessions.occupying import Booking
from api.sessions.schemas import SessionPatch
from models import SessionState, TreatmentPlan, TreatmentSession

Rows = Mapping[UUID, TreatmentSession]


async def carry_out(
    db: AsyncSession,
    caller: Caller,
    going: Sequence[RepairMove],
    rows: Rows,
    plans: Sequence[TreatmentPlan],
) -> None:
    """Move them all. RepairOutdated for what is refused first; the transaction is lost then.

    rows: the sessions by their ids, locked as is everything else that they take.
    """
    if not going:
        return
    await _put(db, caller, going, rows)
    joint = await join(db, caller, [rows[move.session_id] for move in going], plans)
    for move in going:
        await _judge(db, caller, move, joint)


async def _put(db: AsyncSession, caller: Caller, going: Sequence[RepairMove], rows: Rows) -> None:
    """Write the new times. Who leaves a place goes before who takes it; the database refuses any
    overlap."""
    for move, place in in_order(going, {each: Booking.of(row) for each, row in rows.items()}):
        session = rows[move.session_id]
        if place.starts_at != session.starts_at and session.state is SessionState.CONFIRMED:
            session.state, session.confirmed_at = SessionState.SCHEDULED, None
        session.starts_at, session.ends_at = place.starts_at, place.ends_at
        session.scheduled_on = local_day(place.starts_at, caller.zone)
        session.practitioner_id, session.room_id = place.practitioner_id, place.room_id
        session.occupied_from = session.occupied_until = None
        try:
            await flush_booking(db, Booking.of(session))
        except Problem as problem:
            raise RepairOutdated([refused(move, problem)]) from None


def in_order(
    going: Sequence[RepairMove], present: Mapping[UUID, Booking]
) -> list[tuple[RepairMove, RepairPlace]]:
    """Moves with their places: after those whose present time they take.

    The proposal holds no circle, so somebody can always go next.
    """
    moves = [(move, move.proposed) for move in going if move.proposed is not None]
    taking: defaultdict[UUID, list[int]] = defaultdict(list)
    for number, (move, _) in enumerate(moves):
        for key in _keys(present[move.session_id]):
            taking[key].append(number)
    waits: list[set[int]] = []
    for number, (move, place) in enumerate(moves):
        to = _booking(move, place)
        near = {each for key in _keys(to) for each in taking[key]} - {number}
        waits.append({each for each in near if to.shares(present[moves[each][0].session_id])})
    return [moves[number] for number in _after_those(waits)]


def _after_those(waits: Sequence[set[int]]) -> list[int]:
    """Each number after those it waits for; where they wait in a circle, the first one goes."""
    waited_for: defaultdict[int, list[int]] = defaultdict(list)
    for number, others in enumerate(waits):
        for other in others:
            waited_for[other].append(number)
    left = {number: len(others) for number, others in enumerate(waits)}
    ready = [number for number, count in left.items() if count == 0]
    heapify(ready)
    ordered: list[int] = []
    while left:
        number = heappop(ready) if ready else min(left)
        del left[number]
        ordered.append(number)
        for other in waited_for[number]:
            if other in left:
                left[other] -= 1
                if left[other] == 0:
                    heappush(ready, other)
    return ordered


def _keys(booking: Booking) -> list[UUID]:
    ids = (booking.practitioner_id, booking.room_id, booking.patient_id)
    return [each for each in ids if each is not None]


def _booking(move: RepairMove, place: RepairPlace) -> Booking:
    return Booking(
        move.session_id,
        move.patient_id,
        place.practitioner_id,
        place.room_id,
        place.starts_at,
        place.ends_at,
    )


async def _judge(db: AsyncSession, caller: Caller, move: RepairMove, joint: Joint) -> None:
    """The ordinary rescheduling, to where the session was just put."""
    if move.proposed is None:
        return
    patch = SessionPatch(
        starts_at=move.proposed.starts_at,
        practitioner_id=move.proposed.practitioner_id,
        room_id=move.proposed.room_id,
        acknowledged=move.acknowledge,
    )
    version = joint.sessions[move.session_id].version
    try:
        await booking.reschedule(
            db, caller, move.session_id, patch, version, ahead=True, joint=joint
        )
    except Problem as problem:
        raise RepairOutdated([refused(move, problem)]) from None
