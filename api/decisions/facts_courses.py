"""How often a patient was given what only so many sessions may give, area by area."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts_doses import STANDS
from models import AdministeredArea, AdministeredDose, Administration
from rules import facts
from rules.rule_set import RuleSet


class Treated(NamedTuple):
    """An area that an ingredient was given to at one visit."""

    ingredient_code: str
    administration_id: UUID
    area: str


async def load_course_counts(
    db: AsyncSession,
    clinic_id: UUID,
    patient_id: UUID,
    formula: facts.Formula,
    areas: Iterable[str],
    figures: RuleSet,
) -> tuple[facts.CourseCount, ...]:
    """Sessions performed with each ingredient whose courses are limited, in the treated areas."""
    codes = limited_codes(formula, figures)
    treated = await treated_of_many(db, clinic_id, {patient_id}, codes)
    return course_counts(treated.get(patient_id, ()), formula, areas, figures)


async def treated_of_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], codes: Collection[str]
) -> dict[UUID, list[Treated]]:
    """By patient, where these ingredients were given; one query, none without ingredients.

    Only limited ingredients are asked for, so that a long history costs nothing for the others.
    """
    if not codes:
        return {}
    statement = (
        select(
            col(AdministeredDose.patient_id),
            col(AdministeredDose.ingredient_code),
            col(AdministeredDose.administration_id),
            col(AdministeredArea.area),
        )
        .distinct()
        .join(Administration, STANDS)
        .join(
            AdministeredArea,
            (col(AdministeredArea.clinic_id) == col(AdministeredDose.clinic_id))
            & (col(AdministeredArea.administration_id) == col(AdministeredDose.administration_id)),
        )
        .where(
            col(AdministeredDose.clinic_id) == clinic_id,
            col(AdministeredDose.patient_id).in_(sorted(patients)),
            col(AdministeredDose.ingredient_code).in_(sorted(codes)),
        )
    )
    treated: dict[UUID, list[Treated]] = {}
    for patient_id, *row in await db.execute(statement):
        treated.setdefault(patient_id, []).append(Treated(*row))
    return treated


def course_counts(
    treated: Sequence[Treated], formula: facts.Formula, areas: Iterable[str], figures: RuleSet
) -> tuple[facts.CourseCount, ...]:
    """One count for each limited ingredient of the formula, 0 where it was never given there."""
    related = _related(areas, figures)
    visits: dict[str, set[UUID]] = {code: set() for code in limited_codes(formula, figures)}
    for each in treated:
        if each.area in related and each.ingredient_code in visits:
            visits[each.ingredient_code].add(each.administration_id)
    return tuple(facts.CourseCount(code, len(visits[code])) for code in sorted(visits))


def limited_codes(formula: facts.Formula, figures: RuleSet) -> set[str]:
    """The ingredients of the formula that only so many sessions may give."""
    codes = {line.ingredient_code for line in formula.components}
    known = {code: figures.ingredients.get(figures.aliases.get(code, code)) for code in codes}
    return {code for code, ingredient in known.items() if ingredient and ingredient.max_sessions}


def _related(areas: Iterable[str], figures: RuleSet) -> set[str]:
    """The areas, the wholes that they belong to, and the parts of those."""
    wanted = set(areas)
    wholes = {row.parent for code in wanted if (row := figures.areas.get(code)) and row.parent}
    parts = {row.code for row in figures.areas.values() if row.parent in wanted | wholes}
    return wanted | wholes | parts
