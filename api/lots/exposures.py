"""Who was given something of a lot: the thread that a recall follows.

Eight queries whatever the number of patients, over indexes that begin with the clinic.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Text, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.fields import to_decimal
from api.lots.exposure_schemas import (
    Contact,
    ExposedPatient,
    ExposedSession,
    Exposures,
    FormulaExposure,
    Link,
    OpenEffectRead,
)
from api.lots.look_back import DEFAULT_DAYS, formulas_of_lot, given_same_formula
from api.security import Caller
from models import AdministeredLot, Administration, Lot, Patient, SideEffect, SideEffectState

_UNRESOLVED = (SideEffectState.OPEN, SideEffectState.UNDER_REVIEW)


async def exposures(
    db: AsyncSession, caller: Caller, lot_id: UUID, look_back_days: int = DEFAULT_DAYS
) -> Exposures:
    """Patients, sessions and unresolved side effects of everybody who was given the lot, and who
    was given one of its formulas in the last `look_back_days` days.

    Administrations entered in error do not count. Contact details need `patients:read` and side
    effects `side_effects:read`; without them those parts are null. Raises NotFound.
    """
    await found(db, Lot, caller.clinic_id, lot_id)
    sessions = await _sessions(db, caller.clinic_id, lot_id)
    formulas = await formulas_of_lot(db, caller.clinic_id, lot_id)
    exposed = {session.patient_id for session in sessions}
    alike = await given_same_formula(db, caller, formulas, look_back_days, without=exposed)
    effects = None
    if caller.may("side_effects:read"):
        effects = await _open_effects(db, caller.clinic_id, lot_id, sessions)
        known = {effect.id for effect in effects}
        after = await _open_after(db, caller.clinic_id, alike)
        effects += [effect for effect in after if effect.id not in known]
        effects.sort(key=lambda each: -each.grade)
    return Exposures(
        lot_id=lot_id,
        patients=await _patients(db, caller, lot_id, sessions),
        sessions=sessions,
        open_side_effects=effects,
        look_back_days=look_back_days,
        same_formula=alike,
    )


async def _sessions(db: AsyncSession, clinic_id: UUID, lot_id: UUID) -> list[ExposedSession]:
    statement = (
        select(AdministeredLot, Administration)
        .join(
            Administration,
            (col(Administration.clinic_id) == col(AdministeredLot.clinic_id))
            & (col(Administration.id) == col(AdministeredLot.administration_id)),
        )
        .where(
            AdministeredLot.clinic_id == clinic_id,
            AdministeredLot.lot_id == lot_id,
            col(Administration.entered_in_error_at).is_(None),
        )
        .order_by(col(AdministeredLot.performed_on).desc(), col(AdministeredLot.id).desc())
    )
    return [
        ExposedSession(
            session_id=administration.session_id,
            administration_id=administration.id,
            plan_id=administration.plan_id,
            patient_id=administration.patient_id,
            performed_on=drawn.performed_on,
            volume_ml=to_decimal(drawn.volume_ul, 3),
        )
        for drawn, administration in await db.exec(statement)
    ]


async def _patients(
    db: AsyncSession, caller: Caller, lot_id: UUID, sessions: list[ExposedSession]
) -> list[ExposedPatient]:
    """In the order of the sessions, which is latest exposure first."""
    days: dict[UUID, list[date]] = {}
    for session in sessions:
        days.setdefault(session.patient_id, []).append(session.performed_on)
    exposed = select(AdministeredLot.patient_id).where(
        AdministeredLot.clinic_id == caller.clinic_id, AdministeredLot.lot_id == lot_id
    )
    statement = select(Patient).where(
        Patient.clinic_id == caller.clinic_id, col(Patient.id).in_(exposed)
    )
    people = {patient.id: patient for patient in await db.exec(statement)}
    shown = caller.may("patients:read")
    return [
        ExposedPatient(
            patient_id=patient_id,
            record_number=people[patient_id].record_number,
            first_on=min(treated),
            last_on=max(treated),
            sessions=len(treated),
            contact=Contact.model_validate(people[patient_id]) if shown else None,
        )
        for patient_id, treated in days.items()
    ]


async def _open_effects(
    db: AsyncSession, clinic_id: UUID, lot_id: UUID, sessions: list[ExposedSession]
) -> list[OpenEffectRead]:
    exposed = select(AdministeredLot.patient_id).where(
        AdministeredLot.clinic_id == clinic_id, AdministeredLot.lot_id == lot_id
    )
    statement = (
        select(SideEffect)
        .where(
            SideEffect.clinic_id == clinic_id,
            col(SideEffect.patient_id).in_(exposed) | _names(lot_id),
            col(SideEffect.state).in_(_UNRESOLVED),
        )
        .order_by(col(SideEffect.grade).desc(), col(SideEffect.id))
    )
    # Also of who was never given it by the records: the report may know better.
    first: dict[UUID, date] = {}
    for session in sessions:
        day = first.get(session.patient_id, session.performed_on)
        first[session.patient_id] = min(day, session.performed_on)
    exposed_sessions = {session.session_id for session in sessions}
    found_effects = []
    for effect in await db.exec(statement):
        link = _link(effect, lot_id, exposed_sessions, first.get(effect.patient_id))
        if link is not None:
            found_effects.append(
                OpenEffectRead.model_validate(effect.model_dump() | {"link": link})
            )
    return found_effects


def _names(lot_id: UUID) -> ColumnElement[bool]:
    """Whether the report names this lot: its id, in the text of a short list."""
    return type_coerce(col(SideEffect.suspect_lot_ids), Text).contains(str(lot_id))


async def _open_after(
    db: AsyncSession, clinic_id: UUID, alike: list[FormulaExposure]
) -> list[OpenEffectRead]:
    """Those reported for the sessions of the wider circle."""
    sessions = [session_id for each in alike for session_id in each.session_ids]
    statement = (
        select(SideEffect)
        .where(
            SideEffect.clinic_id == clinic_id,
            col(SideEffect.session_id).in_(sessions),
            col(SideEffect.state).in_(_UNRESOLVED),
        )
        .order_by(col(SideEffect.grade).desc(), col(SideEffect.id))
    )
    return [
        OpenEffectRead.model_validate(effect.model_dump() | {"link": Link.SAME_FORMULA})
        for effect in await db.exec(statement)
    ]


def _link(
    effect: SideEffect, lot_id: UUID, exposed_sessions: set[UUID], first_on: date | None
) -> Link | None:
    """Why the effect belongs here; an unknown onset may have come after, so it is shown."""
    if str(lot_id) in effect.suspect_lot_ids:
        return Link.SUSPECT_LOT
    if effect.session_id in exposed_sessions:
        return Link.SESSION
    if first_on is None or (effect.onset_on is not None and effect.onset_on < first_on):
        return None
    return Link.AFTER_EXPOSURE
