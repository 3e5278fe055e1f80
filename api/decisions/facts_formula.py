"""What the rules are told about a formula version: its lines, and the clinic's own ingredients.

`product_facts` of a line is a JSON object of what the product's leaflet says, in the names and
scales of `rules.facts.Component`.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.entries import CLINIC, VERSIONS
from models import Formula, FormulaComponent, FormulaVersion, Ingredient
from rules import facts
from rules.ingredient import Ingredient as KnownIngredient
from rules.reading import Problem, Row
from rules.rule_set_reader import read_ingredient

Lines = list[tuple[FormulaComponent, Ingredient]]
_PRODUCT_FACTS = frozenset(
    {
        "label_max_concentration_milli", "label_max_session_micro", "label_min_interval_days",
        "do_not_mix", "oil", "ethanol_ul", "vehicle_covers_dilution",
    }
)  # fmt: skip

# Built once: every decision asks them.
_FORMULAS = (
    select(FormulaVersion, Formula)
    .join(
        Formula,
        (col(Formula.clinic_id) == col(FormulaVersion.clinic_id))
        & (col(Formula.id) == col(FormulaVersion.formula_id)),
    )
    .where(FormulaVersion.clinic_id == CLINIC, col(FormulaVersion.id).in_(VERSIONS))
)
_LINES = (
    select(FormulaComponent, Ingredient)
    .join(
        Ingredient,
        (col(Ingredient.clinic_id) == col(FormulaComponent.clinic_id))
        & (col(Ingredient.id) == col(FormulaComponent.ingredient_id)),
    )
    .where(
        FormulaComponent.clinic_id == CLINIC,
        col(FormulaComponent.formula_version_id).in_(VERSIONS),
    )
    .order_by(col(FormulaComponent.position))
)


@dataclass(frozen=True, slots=True)
class LoadedFormula:
    """A formula version as the rules see it. own: the clinic's ingredients among its lines."""

    formula: facts.Formula
    own: tuple[KnownIngredient, ...]
    author_id: UUID


async def load_formula(db: AsyncSession, clinic_id: UUID, version_id: UUID) -> LoadedFormula:
    """One version with its lines in their order."""
    version = await found(db, FormulaVersion, clinic_id, version_id)
    formula = await found(db, Formula, clinic_id, version.formula_id)
    rows = await lines_of_many(db, clinic_id, {version_id})
    return _loaded(version, formula, rows.get(version_id, []))


async def load_formulas(
    db: AsyncSession, clinic_id: UUID, version_ids: Collection[UUID]
) -> dict[UUID, LoadedFormula]:
    """Many versions at once, in two queries."""
    values = {"clinic_id": clinic_id, "versions": sorted(version_ids)}
    versions = (await db.exec(_FORMULAS, params=values)).all()
    rows = await lines_of_many(db, clinic_id, version_ids)
    return {
        version.id: _loaded(version, formula, rows.get(version.id, []))
        for version, formula in versions
    }


async def lines_of_many(
    db: AsyncSession, clinic_id: UUID, version_ids: Collection[UUID]
) -> dict[UUID, Lines]:
    """The lines of each version in their order, with their ingredients. One query."""
    values = {"clinic_id": clinic_id, "versions": sorted(version_ids)}
    found_lines: dict[UUID, Lines] = {}
    for line, ingredient in await db.exec(_LINES, params=values):
        found_lines.setdefault(line.formula_version_id, []).append((line, ingredient))
    return found_lines


def _loaded(version: FormulaVersion, formula: Formula, rows: Lines) -> LoadedFormula:
    own = {row.code: row for _, row in rows if not row.reference}
    return LoadedFormula(
        formula=facts.Formula(
            formula_id=str(formula.id),
            version=version.number,
            components=tuple(_component(line) for line, _ in rows),
            total_volume_ul=version.total_volume_ul,
            ph_hundredths=version.ph_hundredths,
            areas=tuple(sorted(formula.areas)),
        ),
        own=tuple(known for code in sorted(own) if (known := own_ingredient(own[code]))),
        author_id=version.recorded_by,
    )


async def load_own(
    db: AsyncSession, clinic_id: UUID, loaded: LoadedFormula, others: Iterable[facts.OtherDose]
) -> tuple[KnownIngredient, ...]:
    """The clinic's own ingredients of a visit: the formula's, and those given besides it."""
    known = {each.code for each in loaded.own}
    known |= {line.ingredient_code for line in loaded.formula.components}
    codes = {each.ingredient_code for each in others if each.ingredient_code} - known
    if not codes:
        return loaded.own
    statement = select(Ingredient).where(
        Ingredient.clinic_id == clinic_id,
        col(Ingredient.code).in_(codes),
        col(Ingredient.reference).is_(False),
    )
    more = [own_ingredient(row) for row in await db.exec(statement)]
    own = [*loaded.own, *(each for each in more if each is not None)]
    return tuple(sorted(own, key=lambda each: each.code))


def _component(line: FormulaComponent) -> facts.Component:
    stated: dict[str, Any] = json.loads(line.product_facts) if line.product_facts else {}
    percent = line.percent_wv_micro
    return facts.Component(
        ingredient_code=line.ingredient_code,
        concentration_milli=line.concentration_milli,
        volume_ul=line.volume_ul,
        syringe=line.syringe,
        product=line.product_name,
        # Digits beyond the scale only matter to a tolerance of a per cent, and round half up.
        percent_milli=None if percent is None else (percent + 500) // 1000,
        excipient_classes=_excipients(line, stated),
        **{name: stated[name] for name in _PRODUCT_FACTS & stated.keys()},
    )


def _excipients(line: FormulaComponent, stated: dict[str, Any]) -> tuple[str, ...] | None:
    """The classes on the maker's list; None where nobody has looked, which is not "none"."""
    looked_up = bool(line.excipient_classes) or stated.get("excipients_stated", False)
    return tuple(sorted(line.excipient_classes)) if looked_up else None


def own_ingredient(row: Ingredient) -> KnownIngredient | None:
    """A clinic's own ingredient with its figures; None where they cannot be read.

    An ingredient that nobody knows is refused by the rules, so None never lets anything pass.
    """
    document: dict[str, Any] = json.loads(row.limits) if row.limits else {}
    document |= {
        "code": row.code,
        "name": row.name,
        "category": row.category,
        "status": row.status.value,
        "unit": row.unit.value,
        "role": row.role,
        "aliases": list(row.aliases),
        "allergy_classes": list(row.allergy_classes),
        "vehicle_classes": list(row.vehicle_classes),
        "source": row.source or "entered by the clinic",
        "evidence": row.evidence or "unsure",
    }
    document["attributes"] = sorted(set(document.get("attributes", [])) | _attributes(row))
    problems: list[Problem] = []
    known = read_ingredient(Row(document, "", problems))
    return None if problems else known


def _attributes(row: Ingredient) -> set[str]:
    flags = ("local_anaesthetic", "vasodilator", "do_not_mix")
    return {name for name in flags if getattr(row, name)}
