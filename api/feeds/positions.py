"""Where somebody is in a clinic's feed: a cursor that says nothing to whoever holds it.

It names an event by number and id. So it needs no secret, holds after a change of the secret key,
under any filter, and is recognised as not ours where it comes from another clinic, from before a
restore, or from nowhere.
"""

import base64
import binascii
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import InvalidRequest, invalid
from models import Event

LATEST = "latest"  # instead of a cursor: where the feed ends now
_NUMBER_BYTES = 8


def cursor(number: int, event_id: UUID) -> str:
    """The position behind an event."""
    return base64.urlsafe_b64encode(number.to_bytes(_NUMBER_BYTES) + event_id.bytes).decode()


def beginning(clinic_id: UUID) -> str:
    """The position before a clinic's first event."""
    return cursor(0, clinic_id)


async def number_behind(db: AsyncSession, clinic_id: UUID, text: str) -> int:
    """The number of the last event seen; 0 before the first.

    Raises InvalidRequest where the cursor is not one of this clinic's feed as it is now.
    """
    if text == LATEST:
        return await last_number(db, clinic_id)
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        number, event_id = int.from_bytes(raw[:_NUMBER_BYTES]), UUID(bytes=raw[_NUMBER_BYTES:])
    except (binascii.Error, ValueError):
        raise _not_ours() from None
    if number >= 2**63:
        raise _not_ours()
    if number == 0 and event_id == clinic_id:
        return 0
    known = await _event_id(db, clinic_id, number)
    if known != event_id:
        raise _not_ours()
    return number


async def cursor_behind(db: AsyncSession, clinic_id: UUID, number: int) -> str:
    """The position behind the event with this number."""
    event_id = await _event_id(db, clinic_id, number)
    return beginning(clinic_id) if event_id is None else cursor(number, event_id)


async def last_number(db: AsyncSession, clinic_id: UUID) -> int:
    """The number of the clinic's latest event; 0 where there is none yet."""
    statement = (
        select(Event.seq)
        .where(Event.clinic_id == clinic_id)
        .order_by(col(Event.seq).desc())
        .limit(1)
    )
    return (await db.exec(statement)).first() or 0


async def _event_id(db: AsyncSession, clinic_id: UUID, number: int) -> UUID | None:
    statement = select(Event.id).where(Event.clinic_id == clinic_id, Event.seq == number)
    return (await db.exec(statement)).first()


def _not_ours() -> InvalidRequest:
    return invalid(
        "/after",
        "cursor",
        "This is no position in this clinic's feed. Begin again without it, or at `latest`.",
    )
