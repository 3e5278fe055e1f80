"""The case report of a side effect: what was given, what happened, and what is missing."""

from datetime import date
from typing import TYPE_CHECKING

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.figures import in_force
from api.fields import plain, to_decimal
from api.security import Caller
from api.side_effects.case_answers import (
    CaseReport,
    ClockBasis,
    Criterion,
    MinimumCriteria,
    SuspectLot,
    SuspectProduct,
)
from api.side_effects.criteria import Known, minimum_criteria
from api.side_effects.reading import detailed
from api.side_effects.suspects import doses_given, lots_used
from models import (
    AdministeredArea,
    Administration,
    ApiKey,
    Clinic,
    Ingredient,
    Patient,
    Reporter,
    SideEffect,
    StaffMember,
)

if TYPE_CHECKING:
    from rules.rule_set import RuleSet


async def case_report(db: AsyncSession, caller: Caller, effect: SideEffect) -> CaseReport:
    """Everything about the case that the clinic knows, as it stands now.

    Says what is missing instead of refusing: an incomplete case is followed up, not lost.
    """
    known = await minimum_criteria(db, effect)
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    term = figures.effects.get(effect.code)
    patient = await found(db, Patient, effect.clinic_id, effect.patient_id)
    clinic = await db.get_one(Clinic, effect.clinic_id)
    given = await _given(db, effect)
    treated = await _areas(db, given)
    detail = await detailed(db, caller, effect)
    return CaseReport(
        valid=not known.missing,
        missing=list(known.missing),
        minimum_criteria=_criteria(known),
        clinic_name=clinic.name,
        prepared_at=caller.now,
        patient_record_number=patient.record_number,
        patient_age_years=_age(patient.born_on, effect.onset_on),
        patient_sex=patient.sex.value,
        performed_on=given.performed_on if given else None,
        reporter=await _reporter(db, effect),
        areas_treated=treated,
        area_names=_area_names(figures, {*treated, *effect.areas}),
        suspect_products=await _products(db, effect),
        suspect_lots=await _lots(db, effect),
        ctcae_terms=term.ctcae_terms if term else (),
        meddra=term.meddra if term else (),
        snomed=term.snomed if term else (),
        known_frequency=term.frequency if term else None,
        catalogue_source=term.source if term else None,
        catalogue_evidence=term.evidence if term else None,
        clock_basis=_clock_basis(figures, {clock.code for clock in detail.clocks}),
        side_effect=detail,
    )


async def _reporter(db: AsyncSession, effect: SideEffect) -> str:
    """Who told it; what a machine entered is the machine's, by the name of its key."""
    if effect.reported_by is Reporter.PATIENT:
        return "The patient"
    for kind, name in ((StaffMember, "display_name"), (ApiKey, "name")):
        row = await db.get(kind, (effect.clinic_id, effect.recorded_by))
        if row is not None:
            return str(getattr(row, name))
    return "Not known"


def _area_names(figures: "RuleSet", codes: set[str]) -> dict[str, str]:
    return {code: figures.areas[code].name for code in sorted(codes) if code in figures.areas}


def _clock_basis(figures: "RuleSet", codes: set[str]) -> list[ClockBasis]:
    rows = [figures.clocks[code] for code in sorted(codes) if code in figures.clocks]
    return [
        ClockBasis(
            code=row.code,
            name=row.name,
            days=row.days.value,
            source=row.days.source,
            evidence=row.days.evidence,
        )
        for row in rows
    ]


def _criteria(known: Known) -> MinimumCriteria:
    def criterion(missing: str | None) -> Criterion:
        return Criterion(met=missing is None, missing=missing)

    return MinimumCriteria(
        patient=criterion(known.patient),
        reporter=criterion(known.reporter),
        suspect_product=criterion(known.suspect_product),
        event=criterion(known.event),
    )


def _age(born_on: date, on: date | None) -> int | None:
    """Completed years; who was born on 29 February turns a year older on 1 March."""
    if on is None:
        return None
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


async def _given(db: AsyncSession, effect: SideEffect) -> Administration | None:
    statement = select(Administration).where(
        Administration.clinic_id == effect.clinic_id,
        Administration.session_id == effect.session_id,
        col(Administration.entered_in_error_at).is_(None),
    )
    return (await db.exec(statement)).first() if effect.session_id else None


async def _areas(db: AsyncSession, given: Administration | None) -> list[str]:
    if given is None:
        return []
    statement = select(AdministeredArea.area).where(
        AdministeredArea.clinic_id == given.clinic_id,
        AdministeredArea.administration_id == given.id,
    )
    areas = await db.exec(statement.order_by(col(AdministeredArea.position)))
    return list(dict.fromkeys(areas))


async def _products(db: AsyncSession, effect: SideEffect) -> list[SuspectProduct]:
    """What was given, and then what is only named; each component of a mixture by itself."""
    doses = await doses_given(db, effect.clinic_id, effect.session_id)
    named = effect.suspect_ingredient_codes
    names = await _names(db, effect, {*named, *(dose.ingredient_code for dose in doses)})
    products = [
        SuspectProduct(
            ingredient_code=dose.ingredient_code,
            name=names[dose.ingredient_code],
            dose=plain(to_decimal(dose.dose_micro, 6)),
            unit=dose.unit.value,
            named=dose.ingredient_code in named,
        )
        for dose in doses
    ]
    given = {dose.ingredient_code for dose in doses}
    products += [
        SuspectProduct(ingredient_code=code, name=names[code], dose=None, unit=None, named=True)
        for code in named
        if code not in given
    ]
    return products


async def _names(db: AsyncSession, effect: SideEffect, codes: set[str]) -> dict[str, str]:
    statement = select(col(Ingredient.code), col(Ingredient.name)).where(
        Ingredient.clinic_id == effect.clinic_id, col(Ingredient.code).in_(codes)
    )
    return {code: code for code in codes} | dict(list(await db.exec(statement)))


async def _lots(db: AsyncSession, effect: SideEffect) -> list[SuspectLot]:
    lots = await lots_used(db, effect.clinic_id, effect.session_id, effect.suspect_lot_ids)
    return [
        SuspectLot(
            lot_id=lot.id,
            ingredient_code=lot.ingredient_code,
            product_name=lot.product_name,
            manufacturer=lot.manufacturer,
            lot_number=lot.lot_number,
            expires_on=lot.expires_on,
            named=str(lot.id) in effect.suspect_lot_ids,
        )
        for lot in lots
    ]
