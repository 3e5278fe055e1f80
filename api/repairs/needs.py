"""Who may take a session over, and which rooms can hold it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import UsualSession
from api.repairs.spots import Needs
from api.scheduling import resources
from api.security import Caller
from models import Room, TreatmentSession


@dataclass(frozen=True, slots=True)
class Possible:
    """Bookable people by name; rooms in use, those with the fewest features first."""

    people: tuple[UUID, ...]
    rooms: tuple[Room, ...]
    features: dict[UUID, frozenset[str]]


async def load_possible(db: AsyncSession, caller: Caller) -> Possible:
    """Whom and what the clinic has."""
    people = tuple(await resources.people(db, caller, ()))
    statement = select(Room).where(Room.clinic_id == caller.clinic_id).order_by(col(Room.id))
    rooms = (await db.exec(statement)).all()
    used = sorted(
        (room for room in rooms if room.active),
        key=lambda room: (len(room.features), room.name, room.id),
    )
    return Possible(people, tuple(used), {room.id: frozenset(room.features) for room in rooms})


def needs_of(
    session: TreatmentSession,
    possible: Possible,
    usual: UsualSession,
    *,
    same: bool,
    features: Collection[str] = (),
) -> Needs | None:
    """Its own people and room first; None where nobody, or no room, can take it.

    same: only its own practitioner. features: what its plan needs of a room. A session in a room
    needs one that can do all that its room can; one without needs none, unless its plan does.
    """
    own = session.practitioner_id
    others = () if same else tuple(each for each in possible.people if each != own)
    people = ((own,) if own in possible.people else ()) + others
    rooms: tuple[UUID | None, ...] = (None,)
    if session.room_id is not None or features:
        own_room = possible.features.get(session.room_id) if session.room_id else None
        wanted = frozenset(features) | (own_room or frozenset())
        fit = [room.id for room in possible.rooms if wanted <= frozenset(room.features)]
        rooms = tuple(sorted(fit, key=lambda room_id: room_id != session.room_id))
    return Needs(people, rooms, usual) if people and rooms else None
