"""Finding holds of every scope, and releasing one."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.database import found, locked
from api.holds.schemas import HoldQuery
from api.plans.holds import settle
from api.preconditions import check
from api.problems import Forbidden
from api.releasing import release
from api.security import Caller
from models import Hold, Patient

_SAME = (
    "scope", "release_role", "reason_code", "patient_id", "plan_id", "formula_id", "lot_id",
    "ingredient_code", "side_effect_id",
)  # fmt: skip
# Filters on what the answer hides from callers without `clinical:read`.
_CLINICAL = ("reason_code", "ingredient_code")


def listing(caller: Caller, query: HoldQuery) -> SelectOfScalar[Hold]:
    """The clinic's holds that the filters let through.

    Forbidden where a caller asks by what they may not see.
    """
    asked: list[ColumnElement[bool]] = [col(Hold.clinic_id) == caller.clinic_id]
    for name in _SAME:
        value = getattr(query, name)
        if value is None:
            continue
        if name in _CLINICAL and not caller.may("clinical:read"):
            raise Forbidden("clinical:read")
        asked.append(col(getattr(Hold, name)) == value)
    standing = col(Hold.released_at).is_(None)
    if query.in_force is not None:
        asked.append(standing if query.in_force else not_(standing))
    if query.overdue is not None:
        late = and_(standing, col(Hold.due_at).is_not(None), col(Hold.due_at) < caller.now)
        asked.append(late if query.overdue else not_(late))
    return select(Hold).where(*asked)


async def release_one(
    db: AsyncSession, caller: Caller, hold_id: UUID, reason: str, expected: int
) -> Hold:
    """Release one hold; plans of its patient that nothing else holds are active again.

    A lot stays in quarantine until somebody puts it back into use. Raises NotFound, Forbidden,
    or IllegalTransition where it was released already.
    """
    patient_id = (await found(db, Hold, caller.clinic_id, hold_id)).patient_id
    if patient_id is not None:
        await locked(db, Patient, caller.clinic_id, patient_id)
    hold = await locked(db, Hold, caller.clinic_id, hold_id)
    check(hold, expected)
    await release(db, caller, hold, reason)
    await db.flush()
    if patient_id is not None:
        await settle(db, caller, patient_id)
    return hold
