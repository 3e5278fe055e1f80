"""Recording what was injected: judged, written and taken from stock in one transaction."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api import audit
from api.clock import SKEW, local_day
from api.database import found
from api.decisions.matters import Administering
from api.decisions.service import Decided, decide
from api.fields import to_int
from api.preconditions import check
from api.problems import invalid
from api.scopes import Role, scopes_of
from api.security import Caller
from api.sessions import also_given, moves
from api.sessions.administration_schemas import AdministrationCreate, AreaIn
from api.sessions.check_in import refuse_held
from api.sessions.drawing import Drawn, draw, lock_lots
from api.sessions.locking import lock_session_and_plan
from api.sessions.mixture import check_areas, check_balance, load_mixture
from api.sessions.records import standing_screening
from models import (
    AdministeredArea,
    AdministeredDose,
    AdministeredLot,
    Administration,
    Ingredient,
    SessionState,
    StaffMember,
    TreatmentPlan,
    TreatmentSession,
)


@dataclass(frozen=True, slots=True)
class _Performed:
    """What the request says, with what it implies."""

    id: UUID
    draft: AdministrationCreate
    on: date
    by: UUID
    retrospective: bool


async def administer(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: AdministrationCreate, expected: int
) -> tuple[TreatmentSession, Administration, Decided]:
    """Record the session's injection with its doses per ingredient, and complete the session.

    Entered on a later day, or without a check-in, it is retrospective: it needs a reason, a hold
    no longer stops it, and what the rules would block needs an override instead.
    Raises InvalidRequest where volumes do not add up or a lot does not belong to the formula,
    Refused where rules stand in the way; then nothing is written.
    """
    session, plan = await lock_session_and_plan(db, caller, session_id)
    check(session, expected)
    performed = await _performed(db, caller, session, draft)
    if not performed.retrospective:
        await refuse_held(db, session, plan)
    mixture = await load_mixture(db, plan)
    check_areas(draft)
    check_balance(draft, mixture)
    lots = await lock_lots(db, caller, draft, mixture, performed.retrospective)
    areas = [_area(performed, session, n, area) for n, area in enumerate(draft.areas)]
    used = [_used(performed, session, each) for each in lots]
    others = await also_given.rows_of(db, caller, session, draft.also_given, performed.id)
    matter = replace(
        _matter(performed, session, plan, areas, used),
        screening=await standing_screening(db, session),
        also_given=(*others, *await also_given.standing(db, session)),
    )
    decided = await decide(db, caller, matter, draft)
    administration = _record(caller, session, plan, performed, areas, decided)
    db.add(administration)
    await db.flush()
    db.add_all([*areas, *used, *others, *await _doses(db, session, performed, decided)])
    for each in lots:
        draw(db, caller, each, performed.on, session.patient_id)
    session.state = SessionState.COMPLETED
    session.completed_at = caller.now
    await db.flush()
    audit.record(db, caller, "session.completed", session)
    audit.record(db, caller, "administration.recorded", administration)
    return session, administration, decided


async def _performed(
    db: AsyncSession, caller: Caller, session: TreatmentSession, draft: AdministrationCreate
) -> _Performed:
    """When and by whom; InvalidRequest or IllegalTransition where that cannot be."""
    if draft.performed_at > caller.now + SKEW:
        raise invalid("/performed_at", "in_the_future", "Only what has happened is recorded.")
    begun = draft.preparation_started_at
    if begun is not None and begun > draft.performed_at:
        raise invalid(
            "/preparation_started_at", "order", "Mixing begins before the injection, not after."
        )
    day = local_day(draft.performed_at, caller.zone)
    checked_in = session.state is SessionState.CHECKED_IN
    if not checked_in:
        waiting = session.state in (SessionState.SCHEDULED, SessionState.CONFIRMED)
        if not waiting or draft.retrospective_reason is None:
            raise moves.refusal(
                session,
                caller.now,
                "Check the patient in first; what happened without a check-in is entered with a"
                " retrospective_reason.",
            )
    elif day < caller.today and draft.retrospective_reason is None:
        raise invalid("/retrospective_reason", "missing", "Say why this is entered on a later day.")
    late = not checked_in or day < caller.today
    return _Performed(uuid7(), draft, day, await _by(db, caller, draft), late)


async def _by(db: AsyncSession, caller: Caller, draft: AdministrationCreate) -> UUID:
    staff_id = draft.administered_by or caller.staff_id
    if staff_id is None:
        raise invalid("/administered_by", "missing", "Say who injected.")
    staff = await found(db, StaffMember, caller.clinic_id, staff_id)
    roles = frozenset(Role(role) for role in staff.roles)
    if "sessions:administer" not in scopes_of(roles):
        raise invalid("/administered_by", "may_not", "This person does not administer sessions.")
    return staff_id


def _matter(
    performed: _Performed,
    session: TreatmentSession,
    plan: TreatmentPlan,
    areas: list[AdministeredArea],
    used: list[AdministeredLot],
) -> Administering:
    """What the request alone says of it."""
    draft = performed.draft
    return Administering(
        plan=plan,
        session=session,
        screening=None,
        areas=areas,
        lots=used,
        performed_at=draft.performed_at,
        preparation_started_at=draft.preparation_started_at,
        discarded_ul=to_int(draft.discarded_ml, 3),
        observation_minutes=draft.observation_minutes,
        emergency_kit_checked_on=draft.emergency_kit_checked_on,
        retrospective=performed.retrospective,
        administered_by=performed.by,
    )


def _area(
    performed: _Performed, session: TreatmentSession, position: int, area: AreaIn
) -> AdministeredArea:
    return AdministeredArea(
        clinic_id=session.clinic_id,
        administration_id=performed.id,
        patient_id=session.patient_id,
        position=position,
        area=area.area,
        side=area.side,
        volume_ul=to_int(area.volume_ml, 3),
        points=area.points,
        depth_um=None if area.depth_mm is None else to_int(area.depth_mm, 3),
        technique=area.technique,
        needle_gauge=area.needle_gauge,
        area_cm2_hundredths=None if area.area_cm2 is None else to_int(area.area_cm2, 2),
        syringe=area.syringe,
    )


def _used(performed: _Performed, session: TreatmentSession, drawn: Drawn) -> AdministeredLot:
    return AdministeredLot(
        clinic_id=session.clinic_id,
        administration_id=performed.id,
        patient_id=session.patient_id,
        lot_id=drawn.lot.id,
        ingredient_code=drawn.lot.ingredient_code,
        volume_ul=drawn.volume_ul,
        performed_on=performed.on,
    )


def _record(
    caller: Caller,
    session: TreatmentSession,
    plan: TreatmentPlan,
    performed: _Performed,
    areas: list[AdministeredArea],
    decided: Decided,
) -> Administration:
    draft = performed.draft
    return Administration(
        clinic_id=caller.clinic_id,
        id=performed.id,
        patient_id=session.patient_id,
        session_id=session.id,
        plan_id=plan.id,
        formula_version_id=plan.formula_version_id,
        administered_by=performed.by,
        performed_at=draft.performed_at,
        performed_on=performed.on,
        preparation_started_at=draft.preparation_started_at,
        administered_ul=sum(area.volume_ul for area in areas),
        discarded_ul=to_int(draft.discarded_ml, 3),
        observation_minutes=draft.observation_minutes,
        pain_score=draft.pain_score,
        visually_clear=draft.visually_clear,
        emergency_kit_checked_on=draft.emergency_kit_checked_on,
        retrospective=performed.retrospective,
        retrospective_reason=draft.retrospective_reason if performed.retrospective else None,
        decision_id=decided.id,
        notes=draft.notes,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )


async def _doses(
    db: AsyncSession, session: TreatmentSession, performed: _Performed, decided: Decided
) -> list[AdministeredDose]:
    """One row per ingredient, as the rules reckoned it: what is judged is what is stored."""
    codes = [dose.ingredient_code for dose in decided.doses]
    statement = select(Ingredient).where(
        Ingredient.clinic_id == session.clinic_id, col(Ingredient.code).in_(codes)
    )
    known = {row.code: row for row in await db.exec(statement)}
    return [
        AdministeredDose(
            clinic_id=session.clinic_id,
            administration_id=performed.id,
            patient_id=session.patient_id,
            plan_id=session.plan_id,
            ingredient_id=known[dose.ingredient_code].id,
            ingredient_code=dose.ingredient_code,
            unit=known[dose.ingredient_code].unit,
            dose_micro=dose.dose_micro,
            performed_at=performed.draft.performed_at,
            performed_on=performed.on,
        )
        for dose in decided.doses
    ]
