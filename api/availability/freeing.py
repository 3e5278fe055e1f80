"""Time that becomes free, told to whoever has a use for it.

Sessions know nothing of those who wait; `api/main.py` tells who is told. It happens in the
transaction that freed the time.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.loading import load_hours
from api.availability.out_of_use import out_of_use
from api.security import Caller
from models import TreatmentSession


@dataclass(frozen=True, slots=True)
class Freed:
    """What a session took and takes no longer; half-open."""

    session_id: UUID
    plan_id: UUID
    practitioner_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, session: TreatmentSession) -> "Freed":
        """What the session takes now, before it is changed."""
        return cls(
            session.id,
            session.plan_id,
            session.practitioner_id,
            session.room_id,
            session.starts_at,
            session.ends_at,
        )


def left(before: Freed, session: TreatmentSession) -> bool:
    """Whether the session takes nothing any more of what it took: only then all of it is free."""
    return (
        session.practitioner_id != before.practitioner_id
        or session.ends_at <= before.starts_at
        or session.starts_at >= before.ends_at
    )


async def is_of_use(db: AsyncSession, caller: Caller, freed: Freed) -> bool:
    """Whether anybody can be booked then: nobody can with a person who is away or takes no
    sessions any more, in a room that is closed, or outside the opening hours."""
    rooms = {freed.room_id} if freed.room_id is not None else set[UUID]()
    span = (freed.starts_at, freed.ends_at)
    who = (freed.practitioner_id, freed.room_id)
    gone = await out_of_use(db, caller.clinic_id, {freed.practitioner_id}, rooms)
    if gone.restrictions(*span, *who):
        return False
    hours = await load_hours(
        db, caller.clinic_id, caller.zone, *span, {freed.practitioner_id}, rooms
    )
    return not hours.restrictions(*span, *who)


Taker = Callable[[AsyncSession, Caller, Freed], Awaitable[None]]
_takers: list[Taker] = []


def when_freed(taker: Taker) -> None:
    """Have `taker` told of all time that becomes free; once, however often it is said."""
    if taker not in _takers:
        _takers.append(taker)


async def tell_what_is_left(
    db: AsyncSession, caller: Caller, moved: Iterable[tuple[Freed, TreatmentSession]]
) -> None:
    """Of sessions that moved together: what each left, once all are where they go."""
    for before, session in moved:
        if left(before, session):
            await tell(db, caller, before)


async def tell(db: AsyncSession, caller: Caller, freed: Freed) -> None:
    """The time is free from now on."""
    for taker in _takers:
        await taker(db, caller, freed)
