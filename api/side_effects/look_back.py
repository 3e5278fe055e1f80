"""Who else may have it: everybody who was given the same lots, and lately the same formula."""

from uuid import UUID

from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.fields import Answer
from api.lots.exposure_schemas import Exposures, FormulaExposure
from api.lots.exposures import exposures
from api.lots.look_back import given_same_formula
from api.security import Caller
from api.side_effects.suspects import lots_used
from models import FormulaVersion, SideEffect


class LookBack(Answer):
    """The circle of patients around one side effect."""

    side_effect_id: UUID = Field(description="Where the look-back starts.")
    look_back_days: int = Field(description="How far back it looks by formula.", examples=[90])
    lots: list[Exposures] = Field(description="Per lot that was used or named, at any time.")
    same_formula: list[FormulaExposure] = Field(
        description="Other patients who were given the formula within the days; latest first."
    )


async def look_back(
    db: AsyncSession, caller: Caller, effect: SideEffect, look_back_days: int
) -> LookBack:
    """Everybody to contact; a bounded number of queries for each lot of the session."""
    lots = await lots_used(db, effect.clinic_id, effect.session_id, effect.suspect_lot_ids)
    alike: list[FormulaExposure] = []
    if effect.formula_version_id is not None:
        version = await found(db, FormulaVersion, effect.clinic_id, effect.formula_version_id)
        mine = (effect.patient_id,)
        alike = await given_same_formula(
            db, caller, [version.formula_id], look_back_days, without=mine
        )
    return LookBack(
        side_effect_id=effect.id,
        look_back_days=look_back_days,
        lots=[await exposures(db, caller, lot.id, look_back_days) for lot in lots],
        same_formula=alike,
    )
