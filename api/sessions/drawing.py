"""Taking from stock what a session used, and putting back what it did not."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked
from api.fields import to_int
from api.problems import FieldError, InvalidRequest
from api.security import Caller
from api.sessions.administration_schemas import AdministrationCreate
from api.sessions.mixture import TOLERANCE_UL, Mixture
from models import AdministeredLot, Administration, Container, Lot, LotState


@dataclass(frozen=True, slots=True)
class Drawn:
    """So many µL of one lot, which is locked."""

    lot: Lot
    volume_ul: int


async def lock_lots(
    db: AsyncSession,
    caller: Caller,
    draft: AdministrationCreate,
    mixture: Mixture,
    retrospective: bool,
) -> list[Drawn]:
    """The lots of the request in its order, locked in the order of their ids.

    Raises NotFound for an unknown lot, InvalidRequest where a lot is named twice, is not of the
    formula, gives more than the formula holds of its ingredient (±0.1 mL), or more than is left.
    The last is let pass for what has already happened: the stock was miscounted.
    """
    locks = {
        lot_id: await locked(db, Lot, caller.clinic_id, lot_id)
        for lot_id in sorted({each.lot_id for each in draft.lots})
    }
    drawn = [Drawn(locks[each.lot_id], to_int(each.volume_ml, 3)) for each in draft.lots]
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    totals: dict[UUID, int] = {}
    for position, each in enumerate(drawn):
        lot = each.lot
        totals[lot.ingredient_id] = totals.get(lot.ingredient_id, 0) + each.volume_ul
        allowed = mixture.by_ingredient.get(lot.ingredient_id)
        if lot.id in seen:
            errors.append(_error(position, "lot_id", "duplicate", "This lot is named twice."))
        elif allowed is None:
            errors.append(
                _error(position, "lot_id", "not_in_formula", "The formula has no such ingredient.")
            )
        elif totals[lot.ingredient_id] > allowed + TOLERANCE_UL:
            text = "This is more than the formula holds of the ingredient."
            errors.append(_error(position, "volume_ml", "more_than_formula", text))
        elif each.volume_ul > lot.remaining_volume_ul and not retrospective:
            text = "This is more than is left of the lot."
            errors.append(_error(position, "volume_ml", "more_than_left", text))
        seen.add(lot.id)
    if errors:
        raise InvalidRequest(errors)
    return drawn


def _error(position: int, field: str, code: str, message: str) -> FieldError:
    return FieldError(f"/lots/{position}/{field}", code, message)


def draw(db: AsyncSession, caller: Caller, drawn: Drawn, on: date, patient_id: UUID) -> None:
    """Take the volume from the lot; the first use opens a multi-dose container that day."""
    lot = drawn.lot
    lot.remaining_volume_ul = max(0, lot.remaining_volume_ul - drawn.volume_ul)
    if lot.container is Container.MULTI_DOSE and lot.opened_on is None:
        lot.opened_on = on
    if lot.remaining_volume_ul == 0 and lot.state is LotState.AVAILABLE:
        lot.state = LotState.USED_UP
        lot.state_changed_at = caller.now
    audit.record(db, caller, "lot.drawn", lot, patient_id=patient_id)


async def put_back(db: AsyncSession, caller: Caller, administration: Administration) -> None:
    """Give the lots back what a record that was wrong had taken from them."""
    statement = select(AdministeredLot).where(
        AdministeredLot.clinic_id == administration.clinic_id,
        AdministeredLot.administration_id == administration.id,
    )
    used = {row.lot_id: row.volume_ul for row in await db.exec(statement)}
    for lot_id in sorted(used):
        lot = await locked(db, Lot, administration.clinic_id, lot_id)
        left = lot.remaining_volume_ul + used[lot_id]
        lot.remaining_volume_ul = min(lot.received_volume_ul, left)
        if lot.state is LotState.USED_UP:
            lot.state = LotState.AVAILABLE
            lot.state_changed_at = caller.now
        audit.record(db, caller, "lot.put_back", lot, patient_id=administration.patient_id)
