"""Moving one session, with what that means for the patient's others: also where it is refused."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.refusal import Refused
from api.decisions.service import Decided
from api.security import Caller
from api.sessions import booking
from api.sessions.afterwards import afterwards
from api.sessions.afterwards_schemas import Afterwards, RestShown
from api.sessions.numbering import place
from api.sessions.rest_of_course import Moved, rest_of_course
from api.sessions.schemas import SessionPatch
from models import TreatmentPlan, TreatmentSession


async def move(
    db: AsyncSession, caller: Caller, session_id: UUID, patch: SessionPatch, expected: int
) -> tuple[TreatmentSession, Decided | None, Afterwards, RestShown]:
    """`booking.reschedule`, and both futures of the course's rest; a refusal by rules carries them
    as well, for the shift of the rest may be what makes the move possible."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    was = session.starts_at  # of the version that the caller has seen, or nothing is moved
    try:
        session, decided = await booking.reschedule(db, caller, session_id, patch, expected)
    except Refused as problem:
        plan = await found(db, TreatmentPlan, caller.clinic_id, session.plan_id)
        await place(db, caller, plan, session.id, was)  # the others have their numbers back
        to = patch.starts_at or was
        told = await _rest(db, caller, Moved(session, was, to, False, expected), patch)
        problem.extra |= told.model_dump(mode="json")
        problem.decision = (problem.decision or {}) | told.model_dump(mode="json")
        raise
    others = await afterwards(db, caller, session)
    made = not caller.dry_run
    version = session.version if made else expected
    rest = await _rest(db, caller, Moved(session, was, session.starts_at, made, version), patch)
    decision: dict[str, Any] | None = db.info.get("decision")
    if decision is not None:
        decision |= rest.model_dump(mode="json")
    return session, decided, others, rest


async def _rest(db: AsyncSession, caller: Caller, moved: Moved, patch: SessionPatch) -> RestShown:
    return RestShown(rest_of_course=await rest_of_course(db, caller, moved, patch))
