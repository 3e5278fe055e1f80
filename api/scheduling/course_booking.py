"""Booking the sessions of a course that have their places."""

from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.service import Decided
from api.scheduling.course_planning import Placed
from api.scheduling.course_schemas import CourseCreate
from api.security import Caller
from api.sessions import booking
from api.sessions.schemas import SessionCreate
from api.sessions.series import begin_series
from models import TreatmentPlan, TreatmentSession

Booked = tuple[Placed, TreatmentSession, Decided | None]


async def book_all(
    db: AsyncSession,
    caller: Caller,
    plan: TreatmentPlan,
    draft: CourseCreate,
    placed: tuple[Placed, ...],
) -> list[Booked]:
    """Each through the door of a single booking, with the answers that it asks for.

    At least one. The plan may be booked; it, its patient, and all that they take are locked.
    """
    series = await begin_series(
        db,
        caller,
        plan,
        [(each.starts_at, each.ends_at) for each in placed],
        {each.practitioner_id for each in placed},
        {each.room_id for each in placed if each.room_id is not None},
    )
    booked: list[Booked] = []
    for each in placed:
        session = _session(plan, draft, each)
        booked.append(
            (each, *await booking.schedule(db, caller, session, ahead=True, series=series))
        )
    return booked


def _session(plan: TreatmentPlan, draft: CourseCreate, each: Placed) -> SessionCreate:
    asked = {*each.judged.override, *each.judged.acknowledge}
    return SessionCreate(
        plan_id=plan.id,
        starts_at=each.starts_at,
        duration_minutes=(each.ends_at - each.starts_at) // timedelta(minutes=1),
        practitioner_id=each.practitioner_id,
        room_id=each.room_id,
        overrides=tuple(o for o in draft.overrides if o.code in asked),
        acknowledged=tuple(code for code in draft.acknowledged if code in asked),
    )
