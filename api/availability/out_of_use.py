"""People who take no sessions any more, and rooms that are not in use, as reasons to refuse."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.reasons import Calendar, Reason
from models import Room, StaffMember


@dataclass(frozen=True, slots=True)
class OutOfUse:
    """Who and what takes no session, whenever it may be."""

    people: frozenset[UUID]
    rooms: frozenset[UUID]

    def restrictions(
        self, start: datetime, end: datetime, practitioner_id: UUID, room_id: UUID | None
    ) -> tuple[Reason, ...]:
        """Why a session from `start` to just before `end` cannot be with them."""
        found = []
        if practitioner_id in self.people:
            found.append(Reason(Calendar.NOT_BOOKABLE, start, end))
        if room_id in self.rooms:
            found.append(Reason(Calendar.ROOM_INACTIVE, start, end))
        return tuple(found)


async def out_of_use(
    db: AsyncSession, clinic_id: UUID, people: Collection[UUID], rooms: Collection[UUID]
) -> OutOfUse:
    """Which of these take no sessions."""
    unbookable = select(col(StaffMember.id)).where(
        StaffMember.clinic_id == clinic_id,
        col(StaffMember.id).in_(people),
        or_(col(StaffMember.bookable).is_(False), col(StaffMember.disabled_at).is_not(None)),
    )
    inactive = select(col(Room.id)).where(
        Room.clinic_id == clinic_id, col(Room.id).in_(rooms), col(Room.active).is_(False)
    )
    gone = frozenset((await db.exec(unbookable)).all())
    return OutOfUse(gone, frozenset((await db.exec(inactive)).all()) if rooms else frozenset())
