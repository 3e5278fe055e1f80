"""Telling the feed when an offer opens by the clock.

An offer stands whether or not anybody told of it; nothing waits for this. Each server process
looks; an offer is told of once, by whoever locks its slot first, and not at all where its time
passed while no server ran.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.background import Background
from api.database import Database, locked
from api.security import system_caller
from api.waitlist.offering import opened
from api.waitlist.ordering import LONG
from models import Clinic, FreedSlot, OfferAnswer, WaitlistEntry, WaitlistOffer, WaitlistState

_LOOK_SECONDS = 5
_AT_ONCE = 50


class Announcer(Background):
    """Looks for offers that have opened, in the background of one process, until it is stopped."""

    def __init__(self, database: Database) -> None:
        super().__init__("offers", self.tell, _LOOK_SECONDS)
        self._database = database

    async def tell(self) -> int:
        """Tell of every offer that has opened and is open still; returns how many there were."""
        async with self._database.reading() as db:
            waiting = (await db.exec(_opened(db.info["now"]).limit(_AT_ONCE))).all()
        told = 0
        for clinic_id, slot_id, offer_id in waiting:
            async with self._database.writing() as db:
                told += await _tell(db, clinic_id, slot_id, offer_id)
        return told


def _opened(now: Any) -> Any:
    """Untold offers whose turn it is. No offer lasts longer than LONG, so older ones are over."""
    offer = WaitlistOffer
    other = aliased(WaitlistOffer)
    taken_slot = (
        select(other.id)
        .where(
            other.clinic_id == offer.clinic_id,
            other.slot_id == offer.slot_id,
            other.answer == OfferAnswer.ACCEPTED,
        )
        .exists()
    )
    return (
        select(offer.clinic_id, offer.slot_id, offer.id)
        .join(Clinic, col(Clinic.id) == col(offer.clinic_id))  # one range of the index for each
        .join(
            WaitlistEntry,
            (col(WaitlistEntry.clinic_id) == col(offer.clinic_id))
            & (col(WaitlistEntry.id) == col(offer.entry_id)),
        )
        .where(
            offer.answer == OfferAnswer.NONE,
            col(offer.told_at).is_(None),
            offer.opens_at <= now,
            offer.opens_at > now - LONG,
            offer.expires_at > now,
            WaitlistEntry.state == WaitlistState.WAITING,
            ~taken_slot,
        )
        .order_by(col(offer.opens_at), col(offer.id))
    )


async def _tell(db: AsyncSession, clinic_id: UUID, slot_id: UUID, offer_id: UUID) -> bool:
    """Once the slot is held, nobody answers meanwhile: look again, and tell."""
    await locked(db, FreedSlot, clinic_id, slot_id)
    offer = await locked(db, WaitlistOffer, clinic_id, offer_id)
    clinic = await db.get_one(Clinic, clinic_id)
    still = _opened(db.info["now"]).where(
        WaitlistOffer.clinic_id == clinic_id, WaitlistOffer.id == offer_id
    )
    if (await db.exec(still)).first() is None:
        return False
    opened(db, system_caller(clinic, db.info["now"]), offer)
    return True
