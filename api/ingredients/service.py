"""Reading the formulary with the figures in force, and adding the clinic's own ingredients."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api import audit
from api.decisions.figures import in_force
from api.fields import plain
from api.ingredients.limits import (
    LIMIT_NAMES,
    Row,
    expected_unit,
    own_row,
    places,
    rows_by_code,
    stored,
    words_of,
)
from api.ingredients.schemas import (
    IngredientCreate,
    IngredientQuery,
    IngredientRead,
    LimitIn,
    LimitsIn,
    LimitsOrigin,
    LimitsRead,
)
from api.problems import AlreadyExists, FieldError, InvalidRequest, NotFound
from api.security import Caller
from models import Ingredient

_REFERENCE = "Reference defaults, to be confirmed by the clinic's medical director."
_OWN = "Figures that the clinic entered itself; no reference stands behind them."
# Figures and words live in the row's JSON; the rest of what is asked has columns.
_COLUMNS = (
    "code", "name", "category", "status", "unit", "role", "aliases", "allergy_classes",
    "vehicle_classes", "atc", "cas", "unii", "vehicle", "usual_concentration", "usual_dose",
    "cautions", "source", "evidence",
)  # fmt: skip


def listing(clinic_id: UUID, query: IngredientQuery) -> SelectOfScalar[Ingredient]:
    """The clinic's ingredients that the filters let through."""
    statement = select(Ingredient).where(Ingredient.clinic_id == clinic_id)
    if query.status is not None:
        statement = statement.where(Ingredient.status == query.status)
    if query.category is not None:
        statement = statement.where(Ingredient.category == query.category)
    if query.reference is not None:
        statement = statement.where(col(Ingredient.reference).is_(query.reference))
    return statement


async def shown(
    db: AsyncSession, clinic_id: UUID, today: date, rows: list[Ingredient]
) -> list[IngredientRead]:
    """The ingredients with the limits that are in force on `today`, in one query."""
    rule_set = (await in_force(db, clinic_id, today)).figures
    reference = rows_by_code(rule_set.text)
    return [_shown(row, reference.get(row.code), rule_set.version) for row in rows]


async def shown_alone(
    db: AsyncSession, clinic_id: UUID, today: date, ingredient: Ingredient
) -> tuple[IngredientRead, str]:
    """One ingredient as above, and its ETag: a new rule set makes it another answer."""
    rule_set = await in_force(db, clinic_id, today)
    (read,) = await shown(db, clinic_id, today, [ingredient])
    return read, f'"{ingredient.version}.{rule_set.number}"'


def _shown(ingredient: Ingredient, reference: Row | None, version: str) -> IngredientRead:
    """What the rules read of it: the rule set's row where it has one, else the clinic's own."""
    row = own_row(ingredient) if reference is None else reference
    if reference is None:
        origin = LimitsOrigin(kind="clinic", rule_set=None, notice=_OWN)
    else:
        origin = LimitsOrigin(kind="rule_set", rule_set=version, notice=_REFERENCE)
    content: dict[str, Any] = ingredient.model_dump(exclude={"limits"}) | words_of(row)
    content |= {
        "status": row.get("status", ingredient.status),
        "composition_known": row.get("composition_known", True),
        "limits": LimitsRead.model_validate(
            {name: row[name] for name in LimitsRead.model_fields if name in row}
        ),
        "limits_origin": origin,
    }
    return IngredientRead.model_validate(content)


async def by_code(db: AsyncSession, clinic_id: UUID, code: str) -> Ingredient:
    """The ingredient with that code or alias, or NotFound."""
    found = await by_codes(db, clinic_id, {code})
    if code not in found:
        raise NotFound
    return found[code]


async def by_codes(db: AsyncSession, clinic_id: UUID, codes: set[str]) -> dict[str, Ingredient]:
    """The ingredients that these codes or aliases name; unknown ones are left out.

    One query, and a second one over the formulary only where a code is none of the codes.
    """
    ours = select(Ingredient).where(Ingredient.clinic_id == clinic_id)
    direct = await db.exec(ours.where(col(Ingredient.code).in_(codes)))
    found = {row.code: row for row in direct}
    missing = codes - found.keys()
    if missing:
        for row in await db.exec(ours):
            found |= {alias: row for alias in row.aliases if alias in missing}
    return found


async def create(db: AsyncSession, caller: Caller, draft: IngredientCreate) -> Ingredient:
    """Add an ingredient of the clinic's own.

    Raises AlreadyExists where its code or an alias already names an ingredient (a code must mean
    one thing in every formula), InvalidRequest for a figure in another unit than its own.
    """
    _check_limits(draft)
    names = {draft.code, *draft.aliases}
    if await by_codes(db, caller.clinic_id, names):
        raise AlreadyExists("An ingredient with this code or alias is already in the formulary.")
    attributes = set(draft.attributes)
    ingredient = Ingredient(
        clinic_id=caller.clinic_id,
        reference=False,
        local_anaesthetic="local_anaesthetic" in attributes,
        vasodilator="vasodilator" in attributes,
        do_not_mix="do_not_mix" in attributes,
        limits=stored(_own_document(draft)),
        **draft.model_dump(include=set(_COLUMNS)),
    )
    db.add(ingredient)
    audit.record(db, caller, "ingredient.added", ingredient)
    await db.flush()
    return ingredient


def _check_limits(draft: IngredientCreate) -> None:
    errors = []
    for name in LIMIT_NAMES:
        limit: LimitIn | None = getattr(draft.limits, name)
        if limit is None:
            continue
        unit, kept = expected_unit(name, draft.unit), places(name)
        if limit.unit != unit:
            errors.append(FieldError(f"/limits/{name}/unit", "unit", f"The unit must be {unit}."))
        if limit.value != round(limit.value, kept):
            text = f"At most {kept} decimal places can be stored."
            errors.append(FieldError(f"/limits/{name}/value", "decimal_max_places", text))
    if (draft.limits.cumulative_max is None) != (draft.limits.cumulative_window is None):
        text = "A cumulative maximum and its window belong together."
        errors.append(FieldError("/limits/cumulative_max", "window", text))
    if errors:
        raise InvalidRequest(errors)


def _own_document(draft: IngredientCreate) -> Row:
    """Figures and words of an own ingredient, in the shape of a rule set's row."""
    return {
        "attributes": list(draft.attributes),
        "composition_known": draft.composition_known,
        "contra_block": list(draft.contra_block),
        "contra_override": list(draft.contra_override),
        "interactions": list(draft.interactions),
        "session_severity": draft.session_severity,
        **_figures(draft.limits),
    }


def _figures(limits: LimitsIn) -> Row:
    given = {name: getattr(limits, name) for name in LIMIT_NAMES}
    return {
        name: {
            "value": plain(limit.value),
            "unit": limit.unit,
            "source": limit.source,
            "evidence": limit.evidence.value,
            "loosenable": True,
        }
        for name, limit in given.items()
        if limit is not None
    }
