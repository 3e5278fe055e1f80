"""What was prepared for a session, and whether what is said about it adds up."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import plain, to_decimal, to_int
from api.problems import FieldError, InvalidRequest, invalid
from api.sessions.administration_schemas import AdministrationCreate
from models import FormulaComponent, FormulaVersion, TreatmentPlan
from rules.arithmetic import mixture_volume_ul
from rules.codes import AREAS, TECHNIQUES

TOLERANCE_UL = 100  # clinical reference, 3.2: administered + discarded = prepared, ±0.1 mL


@dataclass(frozen=True, slots=True)
class Mixture:
    """The prepared mixture of a plan's formula version, in µL.

    by_ingredient: the volume of each ingredient in it, by the ingredient's id.
    """

    prepared_ul: int
    by_ingredient: dict[UUID, int]


async def load_mixture(db: AsyncSession, plan: TreatmentPlan) -> Mixture:
    """The mixture that the plan's formula version makes."""
    version = await db.get_one(FormulaVersion, (plan.clinic_id, plan.formula_version_id))
    statement = select(FormulaComponent).where(
        FormulaComponent.clinic_id == plan.clinic_id,
        FormulaComponent.formula_version_id == version.id,
    )
    lines = list((await db.exec(statement.order_by(col(FormulaComponent.position)))).all())
    volumes: dict[UUID, int] = {}
    for line in lines:
        volumes[line.ingredient_id] = volumes.get(line.ingredient_id, 0) + line.volume_ul
    prepared = mixture_volume_ul([line.volume_ul for line in lines], version.total_volume_ul)
    return Mixture(prepared, volumes)


def check_balance(draft: AdministrationCreate, mixture: Mixture) -> None:
    """InvalidRequest where areas and discarded volume are not what was prepared, ±0.1 mL."""
    given = sum(to_int(area.volume_ml, 3) for area in draft.areas)
    if abs(given + to_int(draft.discarded_ml, 3) - mixture.prepared_ul) > TOLERANCE_UL:
        prepared = plain(to_decimal(mixture.prepared_ul, 3))
        raise invalid(
            "/discarded_ml",
            "volume_balance",
            f"Areas and discarded volume must add up to the {prepared} mL that the formula"
            " makes, within 0.1 mL.",
        )


def check_areas(draft: AdministrationCreate) -> None:
    """InvalidRequest with every area or technique that there is not."""
    errors = []
    for position, area in enumerate(draft.areas):
        if area.area not in AREAS:
            errors.append(
                FieldError(f"/areas/{position}/area", "unknown_code", "There is no such area.")
            )
        if area.technique is not None and area.technique not in TECHNIQUES:
            errors.append(
                FieldError(
                    f"/areas/{position}/technique", "unknown_code", "There is no such technique."
                )
            )
    if errors:
        raise InvalidRequest(errors)
