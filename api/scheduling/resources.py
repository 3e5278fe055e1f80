"""Which people and rooms a search may choose from, in the order in which they are chosen."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import NotFound, invalid
from api.security import Caller
from api.sessions.rooms import lacking
from models import Room, StaffMember, TreatmentPlan


async def people(db: AsyncSession, caller: Caller, wanted: Collection[UUID]) -> list[UUID]:
    """Bookable staff by name, only those wanted where some are named.

    Raises NotFound for nobody of this clinic, InvalidRequest for who takes no sessions.
    """
    statement = select(StaffMember).where(StaffMember.clinic_id == caller.clinic_id)
    if wanted:
        statement = statement.where(col(StaffMember.id).in_(wanted))
    else:
        statement = statement.where(
            col(StaffMember.bookable).is_(True), col(StaffMember.disabled_at).is_(None)
        )
    found = (await db.exec(statement)).all()
    if len(found) < len(set(wanted)):
        raise NotFound
    if any(not each.bookable or each.disabled_at is not None for each in found):
        raise invalid("/practitioner_id", "not_bookable", "This person does not take sessions.")
    return [each.id for each in sorted(found, key=lambda each: (each.display_name, each.id))]


async def rooms(
    db: AsyncSession,
    caller: Caller,
    wanted: Collection[UUID],
    features: Collection[str],
    plan: TreatmentPlan | None = None,
) -> list[UUID]:
    """Rooms in use that have all the features, those with the fewest others first.

    A room that can do more is kept for who needs it. Only those wanted where some are named; only
    those that have what the plan needs, where it needs something.
    Empty where the clinic has no room at all; raises NotFound for none of this clinic,
    InvalidRequest where no room is left, RoomLacksFeatures where none is left for the plan.
    """
    statement = select(Room).where(Room.clinic_id == caller.clinic_id)
    if wanted:
        statement = statement.where(col(Room.id).in_(wanted))
    found = (await db.exec(statement)).all()
    if len(found) < len(set(wanted)):
        raise NotFound
    used = [each for each in found if each.active and set(features) <= set(each.features)]
    if wanted and any(not each.active for each in found):
        raise invalid("/room_id", "inactive", "This room is not in use any more.")
    if (wanted or features) and not used:
        raise invalid("/room_feature", "no_such_room", "No room in use has all of these.")
    needed = set(plan.room_features) if plan else set[str]()
    fit = [each for each in used if needed <= set(each.features)]
    if plan and needed and not fit:
        missing = min((needed - set(each.features) for each in used), key=len, default=needed)
        raise await lacking(db, caller, plan, sorted(missing))
    used = fit
    used.sort(key=lambda each: (len(each.features), each.name, each.id))
    return [each.id for each in used]
