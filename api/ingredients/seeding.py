"""The formulary that a clinic starts with."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.decisions.figures import in_force
from api.ingredients.limits import Row, rows_by_code
from api.security import Caller
from models import Ingredient, IngredientStatus, IngredientUnit

_TOLD = (
    "code", "name", "category", "role", "atc", "cas", "unii", "vehicle",
    "usual_concentration", "usual_dose", "cautions", "source", "evidence",
)  # fmt: skip


async def seed_reference(db: AsyncSession, caller: Caller) -> None:
    """Put the reference ingredients into a clinic that is being founded.

    Identity comes from the rule set in force, which is published before; limits stay there, so
    that a new rule set changes them everywhere at once.
    """
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    rows = [_ingredient(caller, row) for row in rows_by_code(figures.text).values()]
    db.add_all(rows)
    audit.record(db, caller, "formulary.seeded", rows[0])
    await db.flush()


def _ingredient(caller: Caller, row: Row) -> Ingredient:
    attributes = set(row.get("attributes", ()))
    return Ingredient(
        clinic_id=caller.clinic_id,
        status=IngredientStatus(row["status"]),
        unit=IngredientUnit(row["unit"]),
        aliases=tuple(row.get("aliases", ())),
        local_anaesthetic="local_anaesthetic" in attributes,
        vasodilator="vasodilator" in attributes,
        do_not_mix="do_not_mix" in attributes,
        allergy_classes=tuple(row.get("allergy_classes", ())),
        vehicle_classes=tuple(row.get("vehicle_classes", ())),
        reference=True,
        **{name: row[name] for name in _TOLD if name in row},
    )
