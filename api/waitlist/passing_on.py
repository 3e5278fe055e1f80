"""Time that one entry does not take goes to the next in its order, at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked
from api.security import Caller
from api.waitlist.offering import opened
from models import FreedSlot, OfferAnswer, WaitlistEntry, WaitlistOffer


async def lock_slots(
    db: AsyncSession, caller: Caller, entry_id: UUID, *also: UUID
) -> dict[UUID, FreedSlot]:
    """The slots that the entry is offered, before the entry itself; in the order of their ids, so
    that two who hold one each do not wait for each other."""
    offered = {each.slot_id for each in await _offered(db, caller, entry_id)}
    return {
        slot_id: await locked(db, FreedSlot, caller.clinic_id, slot_id)
        for slot_id in sorted(offered | set(also))
    }


async def pass_on(
    db: AsyncSession, caller: Caller, entry: WaitlistEntry, slots: Mapping[UUID, FreedSlot]
) -> None:
    """The entry waits no more: what else it was offered ends, and everybody behind comes forward.

    slots: locked; what was offered since then runs out by itself.
    """
    for offer in await _offered(db, caller, entry.id):
        slot = slots.get(offer.slot_id)
        if slot is not None:
            await bring_forward(db, caller, offer, slot)
            offer.opens_at = min(offer.opens_at, caller.now)
            offer.expires_at = caller.now
            audit.record(db, caller, "waitlist_offer.ended", offer)
    await db.flush()


async def bring_forward(
    db: AsyncSession, caller: Caller, offer: WaitlistOffer, slot: FreedSlot
) -> None:
    """Everybody behind comes forward by what is left of this one's time. The slot is locked."""
    opens_at = max(caller.now, offer.opens_at)
    for behind in await _behind(db, offer):
        length = behind.expires_at - behind.opens_at
        behind.opens_at, behind.expires_at = opens_at, min(opens_at + length, slot.starts_at)
        if opens_at <= caller.now < behind.expires_at:
            opened(db, caller, behind)
        else:
            audit.record(db, caller, "waitlist_offer.brought_forward", behind)
        opens_at = behind.expires_at


async def _offered(db: AsyncSession, caller: Caller, entry_id: UUID) -> Sequence[WaitlistOffer]:
    """What the entry has not answered and is not over; as it is in the database now."""
    statement = (
        select(WaitlistOffer)
        .where(
            WaitlistOffer.clinic_id == caller.clinic_id,
            WaitlistOffer.entry_id == entry_id,
            WaitlistOffer.answer == OfferAnswer.NONE,
            WaitlistOffer.expires_at > caller.now,
        )
        .execution_options(populate_existing=True)
    )
    return (await db.exec(statement)).all()


async def _behind(db: AsyncSession, offer: WaitlistOffer) -> Sequence[WaitlistOffer]:
    """Unanswered offers of the same slot with a later place, in their order; locked by the slot."""
    statement = (
        select(WaitlistOffer)
        .where(
            WaitlistOffer.clinic_id == offer.clinic_id,
            WaitlistOffer.slot_id == offer.slot_id,
            WaitlistOffer.place > offer.place,
            WaitlistOffer.answer == OfferAnswer.NONE,
            WaitlistOffer.expires_at > offer.opens_at,
        )
        .order_by(col(WaitlistOffer.place))
    )
    return (await db.exec(statement)).all()
