"""What a patient got at a visit besides the injections: read, checked, kept, and taken back.

It is noted at check-in, where a numbing cream is put on, or with the administration; the rules
judge both together when the administration is recorded.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.clock import SKEW
from api.database import found, touch
from api.fields import to_int
from api.formulas.strengths import UnfitStrength, read_amount, read_strength
from api.ingredients import service as ingredients
from api.preconditions import check
from api.problems import FieldError, InvalidRequest, NotFound
from api.security import Caller
from api.sessions import moves
from api.sessions.also_given_schemas import AlsoGivenError, AlsoGivenIn, DoseIn, StrengthIn
from api.sessions.locking import lock_session
from models import AlsoGiven, GivenMeasure, Ingredient, IngredientUnit, TreatmentSession
from rules.arithmetic import line_dose_micro
from rules.codes import AREAS

_HIGHEST_STRENGTH_MILLI = 1_000_000_000


async def rows_of(
    db: AsyncSession,
    caller: Caller,
    session: TreatmentSession,
    drafts: Sequence[AlsoGivenIn],
    administration_id: UUID | None = None,
) -> list[AlsoGiven]:
    """The rows of a request in its order, not yet added; of a check-in without administration.

    InvalidRequest with a pointer for every unknown ingredient or area, unit that does not fit,
    and instant in the future.
    """
    codes = {draft.ingredient_code for draft in drafts if draft.ingredient_code is not None}
    known = await ingredients.by_codes(db, caller.clinic_id, codes) if codes else {}
    errors: list[FieldError] = []
    rows = []
    for position, draft in enumerate(drafts):
        faults = _faults(caller, draft, known)
        errors += [FieldError(f"/also_given/{position}{at}", *words) for at, *words in faults]
        if not faults:
            try:
                row = _row(caller, session, draft, known.get(draft.ingredient_code or ""))
                row.administration_id = administration_id
                rows.append(row)
            except UnfitStrength as unfit:
                pointer = f"/also_given/{position}/{unfit.field}"
                errors.append(FieldError(pointer, unfit.code, unfit.reason))
    if errors:
        raise InvalidRequest(errors)
    return rows


def _faults(
    caller: Caller, draft: AlsoGivenIn, known: dict[str, Ingredient]
) -> list[tuple[str, str, str]]:
    """Pointer within the entry, code and message of what is wrong with its names and times."""
    faults = []
    if draft.ingredient_code is not None and draft.ingredient_code not in known:
        faults.append(("/ingredient_code", "unknown_ingredient", "Not in the formulary."))
    if draft.given_at is not None and draft.given_at > caller.now + SKEW:
        faults.append(("/given_at", "in_the_future", "Only what has happened is recorded."))
    for position, area in enumerate(draft.areas):
        if area not in AREAS:
            faults.append((f"/areas/{position}", "unknown_code", "There is no such area."))
    return faults


def _row(
    caller: Caller, session: TreatmentSession, draft: AlsoGivenIn, ingredient: Ingredient | None
) -> AlsoGiven:
    return AlsoGiven(
        clinic_id=session.clinic_id,
        patient_id=session.patient_id,
        session_id=session.id,
        ingredient_id=ingredient.id if ingredient else None,
        ingredient_code=ingredient.code if ingredient else None,
        name=draft.name,
        route=draft.route,
        local_anaesthetic=draft.local_anaesthetic,
        given_at=draft.given_at,
        areas=tuple(dict.fromkeys(draft.areas)),
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        **_quantities(draft, ingredient.unit if ingredient else IngredientUnit.MG),
    )


def _quantities(draft: AlsoGivenIn, unit: IngredientUnit) -> dict[str, Any]:
    """The columns of strength, amount and dose; what is not stated stays null."""
    if draft.dose is not None:
        return {"unit": unit, "dose_micro": _dose_micro(draft.dose, unit)}
    stored: dict[str, Any] = {}
    amount, strength = draft.amount, draft.strength
    if amount is not None:
        stored |= {"amount_milli": to_int(amount.value, 3), "measure": amount.unit}
    if strength is not None:
        measure = _measure(strength, amount.unit if amount else None)
        milli = _strength_milli(strength, measure, unit)
        stored |= {"strength_milli": milli, "measure": measure, "unit": unit}
        if amount is not None:
            stored["dose_micro"] = line_dose_micro(milli, stored["amount_milli"])
    return stored


def _measure(strength: StrengthIn, measured: GivenMeasure | None) -> GivenMeasure:
    """What the strength is per: g or mL. A percentage is per whatever the amount is in."""
    if strength.unit.strip() == "%":
        return measured or GivenMeasure.G
    per = GivenMeasure.G if strength.unit.strip().endswith("/g") else GivenMeasure.ML
    if measured not in (None, per):
        text = "A strength per g needs an amount in g, one per mL an amount in mL."
        raise UnfitStrength("unit", text, "amount/unit")
    return per


def _strength_milli(strength: StrengthIn, measure: GivenMeasure, unit: IngredientUnit) -> int:
    written = strength.unit.strip().removesuffix(f"/{measure.value}")
    per_ml = written if written == "%" else f"{written}/mL"
    value: Decimal = strength.value
    try:
        milli = read_strength(unit, value, per_ml, None).concentration_milli
    except UnfitStrength as unfit:
        raise unfit.at("strength") from None
    if milli > _HIGHEST_STRENGTH_MILLI:
        raise UnfitStrength("range", "This is out of range.", "strength")
    return milli


def _dose_micro(dose: DoseIn, unit: IngredientUnit) -> int:
    try:
        return read_amount(unit, dose.value, dose.unit)
    except UnfitStrength as unfit:
        raise unfit.at("dose") from None


async def standing(db: AsyncSession, session: TreatmentSession) -> list[AlsoGiven]:
    """What counts of the visit, in the order of entry."""
    statement = (
        select(AlsoGiven)
        .where(
            AlsoGiven.clinic_id == session.clinic_id,
            AlsoGiven.session_id == session.id,
            col(AlsoGiven.entered_in_error_at).is_(None),
        )
        .order_by(col(AlsoGiven.id))
    )
    return list(await db.exec(statement))


async def all_of(db: AsyncSession, session: TreatmentSession) -> list[AlsoGiven]:
    """Everything noted of the visit in the order of entry, wrong entries too."""
    statement = select(AlsoGiven).where(
        AlsoGiven.clinic_id == session.clinic_id, AlsoGiven.session_id == session.id
    )
    return list(await db.exec(statement.order_by(col(AlsoGiven.id))))


def mark_wrong(row: AlsoGiven, caller: Caller, reason: str) -> None:
    """It stays readable and counts no more."""
    row.entered_in_error_at = caller.now
    row.entered_in_error_by = caller.actor_id
    row.entered_in_error_reason = reason


async def take_back(
    db: AsyncSession,
    caller: Caller,
    session_id: UUID,
    also_given_id: UUID,
    mistake: AlsoGivenError,
    expected: int,
) -> tuple[TreatmentSession, AlsoGiven]:
    """Mark an entry of the check-in as wrong, while the session waits for its administration.

    IllegalTransition once it is completed: then the record as a whole is marked.
    """
    session = await lock_session(db, caller, session_id)
    row = await found(db, AlsoGiven, caller.clinic_id, also_given_id)
    if row.session_id != session.id or row.entered_in_error_at is not None:
        raise NotFound
    check(session, expected)
    moves.require(session, moves.ADMINISTRATION, caller.now)
    mark_wrong(row, caller, mistake.reason)
    touch(session, db)
    await db.flush()
    audit.record(db, caller, "also_given.entered_in_error", row, reason=mistake.reason)
    return session, row
