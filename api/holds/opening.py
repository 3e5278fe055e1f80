"""A person stops something: any of the seven scopes, from one session to a whole formula."""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found, locked
from api.decisions.figures import in_force
from api.holds.schemas import HoldCreate
from api.lots.service import set_aside
from api.plans.hold_schemas import ReleaseRole
from api.plans.holds import open_hold
from api.problems import FieldError, InvalidRequest, invalid
from api.security import Caller
from models import (
    Formula,
    Hold,
    HoldScope,
    Ingredient,
    Lot,
    Patient,
    TreatmentPlan,
    TreatmentSession,
)

# What a hold of each scope is about, and what it may name beside that.
_SUBJECT = {
    HoldScope.SESSION: "session_id",
    HoldScope.AREA: "area",
    HoldScope.FORMULA: "formula_id",
    HoldScope.INGREDIENT: "ingredient_code",
    HoldScope.LOT: "lot_id",
    HoldScope.PLAN: "plan_id",
    HoldScope.PATIENT: "patient_id",
}
_WITH_PATIENT = {
    HoldScope.AREA: True, HoldScope.PATIENT: True, HoldScope.FORMULA: False,
    HoldScope.INGREDIENT: False,
}  # fmt: skip


async def open_by_person(db: AsyncSession, caller: Caller, draft: HoldCreate) -> Hold:
    """Open it; plans of its patient that it touches go on hold, and a held lot is set aside.

    Of a formula or an ingredient without a patient it holds everybody. Raises NotFound for an
    unknown subject and InvalidRequest for one that does not belong to the scope.
    """
    person = caller.person()
    _check_shape(draft)
    patient_id = await _patient_of(db, caller, draft)
    if patient_id is not None:
        await locked(db, Patient, caller.clinic_id, patient_id)
    await _check_subject(db, caller, draft)
    role = draft.release_role or (
        ReleaseRole.PRESCRIBER if patient_id else ReleaseRole.MEDICAL_DIRECTOR
    )
    hold = Hold(
        clinic_id=caller.clinic_id,
        patient_id=patient_id,
        reason_code=draft.reason_code.value,
        note=draft.reason,
        release_role=role.value,
        opened_at=caller.now,
        opened_by=person,
        **draft.model_dump(exclude={"patient_id", "reason_code", "reason", "release_role"}),
    )
    await open_hold(db, caller, hold)
    if draft.lot_id is not None:
        await set_aside(db, caller, draft.lot_id, draft.reason)
    return hold


def _check_shape(draft: HoldCreate) -> None:
    wrong = list(_wrong(draft))
    if wrong:
        raise InvalidRequest(wrong)


def _wrong(draft: HoldCreate) -> Iterator[FieldError]:
    subject, patient = _SUBJECT[draft.scope], _WITH_PATIENT.get(draft.scope)
    for name in dict.fromkeys((*_SUBJECT.values(), "patient_id")):
        given = getattr(draft, name) is not None
        needed = name == subject or (name == "patient_id" and patient is True)
        allowed = needed or (name == "patient_id" and patient is False)
        if needed and not given:
            yield FieldError(f"/{name}", "missing", "A hold of this scope needs it.")
        elif given and not allowed:
            yield FieldError(f"/{name}", "not_of_scope", "A hold of this scope is not about it.")


async def _patient_of(db: AsyncSession, caller: Caller, draft: HoldCreate) -> UUID | None:
    if draft.plan_id is not None:
        return (await found(db, TreatmentPlan, caller.clinic_id, draft.plan_id)).patient_id
    if draft.session_id is not None:
        return (await found(db, TreatmentSession, caller.clinic_id, draft.session_id)).patient_id
    return draft.patient_id


async def _check_subject(db: AsyncSession, caller: Caller, draft: HoldCreate) -> None:
    if draft.formula_id is not None:
        await found(db, Formula, caller.clinic_id, draft.formula_id)
    if draft.lot_id is not None:
        await found(db, Lot, caller.clinic_id, draft.lot_id)
    if draft.area is not None:
        figures = (await in_force(db, caller.clinic_id, caller.today)).figures
        if draft.area not in figures.areas:
            raise invalid("/area", "unknown_area", "There is no such area code.")
    if draft.ingredient_code is not None:
        statement = select(Ingredient.id).where(
            Ingredient.clinic_id == caller.clinic_id, Ingredient.code == draft.ingredient_code
        )
        if (await db.exec(statement)).first() is None:
            raise invalid(
                "/ingredient_code", "unknown_ingredient", "The formulary has no such code."
            )
