"""Sessions that one transaction moves together: what is asked about each is loaded once for all.

Their rows, and everything that they take, are locked, and they already stand where they go. So
nothing that calendars, numbers and rules look at changes while one after the other is judged.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import HowToBook, how_to_book
from api.availability.calendars import Calendars
from api.availability.loading import load_hours
from api.decisions.facts import Told, gather_many
from api.decisions.matters import Scheduling
from api.decisions.turns import share_turn
from api.security import Caller
from api.sessions.numbering import number_anew
from models import TreatmentPlan, TreatmentSession


@dataclass(frozen=True, slots=True)
class Joint:
    """hours: calendars of all whom and what the sessions take. told: what the rules are told."""

    sessions: Mapping[UUID, TreatmentSession]
    plans: Mapping[UUID, TreatmentPlan]
    how: HowToBook
    hours: Calendars
    told: Mapping[UUID, Told]

    def of(self, session_id: UUID) -> tuple[TreatmentSession, TreatmentPlan]:
        """The session and its plan."""
        session = self.sessions[session_id]
        return session, self.plans[session.plan_id]


async def join(
    db: AsyncSession,
    caller: Caller,
    sessions: Collection[TreatmentSession],
    plans: Collection[TreatmentPlan],
) -> Joint:
    """Number the plans' sessions anew, and load what is asked. At least one session.

    The caller has locked patients, people, rooms, plans and sessions, and flushed the sessions to
    where they go. Who changes a calendar, or figures, meanwhile comes before or waits.
    """
    by_id = {each.id: each for each in plans}
    await number_anew(db, caller, plans, {each.id for each in sessions})
    await db.flush()
    await share_turn(db, caller.clinic_id)
    matters = [
        Scheduling(
            by_id[each.plan_id], each.id, each.session_number, each.starts_at, each.ends_at,
            each.practitioner_id,
        )
        for each in sessions
    ]  # fmt: skip
    told = await gather_many(db, caller, matters)
    hours = await load_hours(
        db, caller.clinic_id, caller.zone,
        min(each.starts_at for each in sessions), max(each.ends_at for each in sessions),
        {each.practitioner_id for each in sessions},
        {each.room_id for each in sessions if each.room_id is not None},
    )  # fmt: skip
    return Joint(
        sessions={each.id: each for each in sessions},
        plans=by_id,
        how=await how_to_book(db, caller.clinic_id),
        hours=hours,
        told={matter.session_id: each for matter, each in zip(matters, told, strict=True)},
    )
