"""From which lots a day's sessions are drawn: what may be used that day, the first to end first.

What the administration would refuse that day is left out: a lot that is held or out of date, a
container that has been open too long, a single dose that has served somebody else, and for who is
allergic to one of its excipients, that lot.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.decisions.figures import in_force
from api.security import Caller
from models import (
    AdministeredLot,
    Administration,
    Allergy,
    AllergyStatus,
    Container,
    Hold,
    HoldScope,
    Lot,
    LotState,
)


@dataclass(frozen=True, slots=True)
class Need:
    """What one session takes of one ingredient, in µL."""

    session_id: UUID
    patient_id: UUID
    ingredient_code: str
    volume_ul: int


@dataclass(slots=True)
class Stock:
    """A lot that may be used on the day, and what of it goes to which session.

    last_day_on: from the label, or earlier where the container is open. patients: whom it has
    served, or is to serve. allergic: who must not have it. left_ul: what nobody takes.
    """

    lot: Lot
    last_day_on: date
    left_ul: int
    allergic: frozenset[UUID] = frozenset()
    patients: set[UUID] = field(default_factory=set)
    drawn_ul: dict[UUID, int] = field(default_factory=dict)

    def may_serve(self, patient_id: UUID) -> bool:
        """A single dose is one patient's; who is allergic gets none of it."""
        if patient_id in self.allergic:
            return False
        return self.lot.container is not Container.SINGLE_DOSE or self.patients <= {patient_id}

    def draw(self, need: Need, wanted_ul: int) -> int:
        """Set aside as much as there is of what is wanted; returns how much that is."""
        taken = min(wanted_ul, self.left_ul)
        self.left_ul -= taken
        self.patients.add(need.patient_id)
        self.drawn_ul[need.session_id] = taken
        return taken


def allot(needs: Iterable[Need], stocks: Sequence[Stock]) -> int:
    """Set aside for each session in turn; returns what is missing for all together, in µL.

    needs: of one ingredient, in the order of the day. stocks: in the order of use.
    """
    missing = 0
    for need in needs:
        wanted = need.volume_ul
        for stock in stocks:
            if wanted and stock.left_ul and stock.may_serve(need.patient_id):
                wanted -= stock.draw(need, wanted)
        missing += wanted
    return missing


async def usable(
    db: AsyncSession, caller: Caller, codes: Collection[str], patients: Collection[UUID], on: date
) -> dict[str, list[Stock]]:
    """By ingredient, the lots that may be used on the day for one of these patients at least.

    The first to end comes first, and of those that end together the one that is open.
    """
    figures = (await in_force(db, caller.clinic_id, on)).figures
    longest, aliases = figures.integer("lot.multi_dose_days"), figures.aliases
    avoided = await _avoided(db, caller, patients, aliases)
    lots = list((await db.exec(_in_date(caller, codes, on))).all())
    served = await _served(db, caller, [each.id for each in lots])
    found: dict[str, list[Stock]] = defaultdict(list)
    for lot in lots:
        last = _last_day(lot, longest)
        allergic = frozenset(
            each for each, classes in avoided.items() if classes & set(lot.excipient_classes)
        )
        stock = Stock(lot, last, lot.remaining_volume_ul, allergic, served[lot.id])
        opened_later = lot.opened_on is not None and lot.opened_on > on
        if on <= last and not opened_later and any(map(stock.may_serve, patients)):
            found[lot.ingredient_code].append(stock)
    for each in found.values():
        each.sort(key=lambda one: (one.last_day_on, one.lot.opened_on is None, one.lot.id))
    return found


def _in_date(caller: Caller, codes: Collection[str], on: date) -> SelectOfScalar[Lot]:
    """Not held, not expired and not empty."""
    held = select(Hold.lot_id).where(
        Hold.clinic_id == caller.clinic_id,
        Hold.scope == HoldScope.LOT,
        col(Hold.released_at).is_(None),
        col(Hold.patient_id).is_(None),
    )
    return select(Lot).where(
        Lot.clinic_id == caller.clinic_id,
        col(Lot.ingredient_code).in_(codes),
        Lot.state == LotState.AVAILABLE,
        Lot.expires_on >= on,
        Lot.remaining_volume_ul > 0,
        col(Lot.id).not_in(held),
    )


def _last_day(lot: Lot, longest: int) -> date:
    """The label's, or for an open multi-dose container what it or the rules allow, if sooner."""
    if lot.container is not Container.MULTI_DOSE or lot.opened_on is None:
        return lot.expires_on
    days = longest if lot.in_use_days is None else min(longest, lot.in_use_days)
    return min(lot.expires_on, lot.opened_on + timedelta(days=days))


async def _avoided(
    db: AsyncSession, caller: Caller, patients: Collection[UUID], aliases: Mapping[str, str]
) -> dict[UUID, set[str]]:
    """By patient, the classes to which they are allergic, as lots name them."""
    statement = select(Allergy.patient_id, Allergy.code).where(
        Allergy.clinic_id == caller.clinic_id,
        col(Allergy.patient_id).in_(patients),
        Allergy.status == AllergyStatus.ACTIVE,
        col(Allergy.entered_in_error_at).is_(None),
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for patient_id, code in await db.exec(statement):
        found[patient_id].add(aliases.get(code, code))
    return found


async def _served(
    db: AsyncSession, caller: Caller, lot_ids: Collection[UUID]
) -> dict[UUID, set[UUID]]:
    """By lot, whom something of it was given."""
    statement = (
        select(AdministeredLot.lot_id, AdministeredLot.patient_id)
        .join(
            Administration,
            (col(Administration.clinic_id) == col(AdministeredLot.clinic_id))
            & (col(Administration.id) == col(AdministeredLot.administration_id))
            & col(Administration.entered_in_error_at).is_(None),
        )
        .join(
            Lot,
            (col(Lot.clinic_id) == col(AdministeredLot.clinic_id))
            & (col(Lot.id) == col(AdministeredLot.lot_id)),
        )
        .where(
            AdministeredLot.clinic_id == caller.clinic_id,
            col(AdministeredLot.lot_id).in_(lot_ids),
            Lot.container == Container.SINGLE_DOSE,
        )
        .distinct()
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for lot_id, patient_id in await db.exec(statement):
        found[lot_id].add(patient_id)
    return found
