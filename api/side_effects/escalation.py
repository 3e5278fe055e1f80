"""What a side effect stops by itself: the holds of the escalation table, and the lots."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.effects import escalation_of
from api.lots.service import set_aside
from api.plans.holds import open_hold
from api.releasing import needs
from api.scopes import Role
from api.security import Caller
from api.side_effects.answers import EscalationRead, TriggerRead
from api.side_effects.details import read_details, write_details
from api.side_effects.reading import holds_of
from api.side_effects.signals import Signals, signals_of
from api.side_effects.suspects import active_codes, lots_used, plans_concerned
from api.side_effects.targets import Targets, load_targets
from api.side_effects.tasks import CLUSTER, open_tasks
from models import (
    Hold,
    HoldEffect,
    HoldScope,
    Lot,
    SideEffect,
    SideEffectState,
)

if TYPE_CHECKING:
    from rules.rule_set import RuleSet
    from rules.tables import Escalation

_STRENGTH = ("block", "hold", "task", "none")
_EFFECTS = {"block": HoldEffect.BLOCK, "hold": HoldEffect.OVERRIDE}
_FOR_GOOD = "anaphylaxis_or_last"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the holds of one side effect can be about."""

    plan_ids: tuple[UUID, ...]
    areas: tuple[str, ...]
    formula_id: UUID | None
    ingredient_codes: tuple[str, ...]
    lots: tuple[Lot, ...]
    shared_lots: frozenset[UUID]

    def lots_of(self, row: "Escalation") -> tuple[Lot, ...]:
        """The lots that a row is about: of a cluster, only those that the patients share."""
        if row.trigger != CLUSTER:
            return self.lots
        return tuple(lot for lot in self.lots if lot.id in self.shared_lots)


@dataclass(frozen=True, slots=True)
class Stop:
    """What one hold is about: the fields of `Hold` of the same names."""

    scope: HoldScope
    plan_id: UUID | None = None
    area: str | None = None
    formula_id: UUID | None = None
    ingredient_code: str | None = None
    lot_id: UUID | None = None


async def escalate(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    figures: "RuleSet",
    *,
    worse: bool = False,
) -> EscalationRead:
    """Open the holds that the side effect asks for as it stands now; never release any.

    What applied when it was last judged is left alone: its holds were opened then, and if a
    person has released one since, a follow-up that says nothing worse must not open it again.
    worse: its grade or seriousness has risen since; then everything that applies holds again, and
    what a review has signed off is open until somebody reviews it anew.
    The caller has locked the patient.
    """
    signals = await signals_of(db, caller, effect)
    rows = escalation_of(
        caller, effect, figures, lot_patients=signals.lot_patients, formula_rate=signals.rate
    )
    targets = await load_targets(db, caller, rows)
    details = read_details(effect)
    handled = details.get("triggers", [])
    fresh = [row for row in rows if worse or row.trigger not in handled]
    write_details(effect, details | {"triggers": sorted(row.trigger for row in rows)})
    if any(row.scopes for row in fresh):
        await _open(db, caller, effect, fresh, signals, targets)
        if effect.state is SideEffectState.UNDER_REVIEW:
            effect.state = SideEffectState.OPEN
    await open_tasks(db, caller, effect, fresh, signals, targets)
    dues = [due for row in rows if (due := targets.due_at(row)) is not None]
    if dues and (effect.review_due_at is None or min(dues) < effect.review_due_at):
        effect.review_due_at = min(dues)
    return _shown(rows, targets)


async def _open(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    rows: Sequence["Escalation"],
    signals: Signals,
    targets: Targets,
) -> None:
    opened = await holds_of(db, effect.clinic_id, effect.id)
    standing = [hold for hold in opened if hold.released_at is None]
    subjects = await _subjects(db, effect, signals)
    asked = [
        _hold(caller, effect, row, stop, targets.due_at(row))
        for row in rows
        for stop in _wanted(row, subjects)
    ]
    for hold in sorted(asked, key=_demands, reverse=True):
        if not any(_covers(other, hold) for other in standing):
            standing.append(await open_hold(db, caller, hold))
    for row in rows:
        if HoldScope.LOT.value in row.scopes:
            for lot in subjects.lots_of(row):
                await set_aside(db, caller, lot.id, f"Side effect: {row.name}")


def _covers(standing: Hold, asked: Hold) -> bool:
    """Whether a hold on the same is at least as strict, in who may release it and on what."""
    return (
        _stop(standing) == _stop(asked)
        and _strictness(standing) >= _strictness(asked)
        and needs(standing) >= needs(asked)
    )


def _demands(hold: Hold) -> tuple[tuple[bool, bool, bool], int]:
    return _strictness(hold), len(needs(hold))


def _strictness(hold: Hold) -> tuple[bool, bool, bool]:
    by_director = hold.release_role == Role.MEDICAL_DIRECTOR
    return hold.permanent, by_director, hold.effect is HoldEffect.BLOCK


async def _subjects(db: AsyncSession, effect: SideEffect, signals: Signals) -> Subjects:
    suspected = effect.suspect_ingredient_codes or await active_codes(
        db, effect.clinic_id, effect.session_id
    )
    lots = await lots_used(db, effect.clinic_id, effect.session_id, effect.suspect_lot_ids)
    plan_ids = await plans_concerned(db, effect)
    return Subjects(
        plan_ids,
        effect.areas,
        signals.formula_id,
        tuple(suspected),
        tuple(lots),
        frozenset(signals.alike),
    )


def _wanted(row: "Escalation", subjects: Subjects) -> Iterator[Stop]:
    """What one row of the table holds, of what there is to hold."""
    if "plan" in row.scopes:
        yield from (Stop(HoldScope.PLAN, plan_id=plan_id) for plan_id in subjects.plan_ids)
    if "area" in row.scopes:
        yield from (Stop(HoldScope.AREA, area=area) for area in subjects.areas)
    if "formula" in row.scopes and subjects.formula_id is not None:
        yield Stop(HoldScope.FORMULA, formula_id=subjects.formula_id)
    if "ingredient" in row.scopes:
        codes = subjects.ingredient_codes
        yield from (Stop(HoldScope.INGREDIENT, ingredient_code=code) for code in codes)
    if "lot" in row.scopes:
        yield from (Stop(HoldScope.LOT, lot_id=lot.id) for lot in subjects.lots_of(row))


def _stop(hold: Hold) -> Stop:
    return Stop(
        hold.scope, hold.plan_id, hold.area, hold.formula_id, hold.ingredient_code, hold.lot_id
    )


def _hold(
    caller: Caller, effect: SideEffect, row: "Escalation", stop: Stop, due_at: datetime | None
) -> Hold:
    """The hold as the row of the table describes it. A lot is held for everybody."""
    return Hold(
        clinic_id=effect.clinic_id,
        opened_at=caller.now,
        opened_by_rule=f"escalation:{row.trigger}",
        patient_id=None if stop.scope is HoldScope.LOT else effect.patient_id,
        side_effect_id=effect.id,
        effect=_EFFECTS[row.effect],
        reason_code=row.trigger,
        note=row.name,
        release_role=row.release_role or Role.MEDICAL_DIRECTOR.value,
        release_criteria=row.release_criteria,
        permanent=row.trigger == _FOR_GOOD and stop.scope is HoldScope.INGREDIENT,
        release_after_days=row.release_after_days,
        due_at=due_at,
        **asdict(stop),
    )


def _shown(rows: Sequence["Escalation"], targets: Targets) -> EscalationRead:
    ordered = sorted(rows, key=lambda row: _STRENGTH.index(row.effect))
    triggers = [
        TriggerRead(
            trigger=row.trigger,
            name=row.name,
            effect=row.effect,
            scopes=list(row.scopes),
            release_role=row.release_role,
            release_criteria=row.release_criteria,
            target=row.target,
            due_at=targets.due_at(row),
            tasks=list(row.tasks),
            source=row.source,
            evidence=row.evidence,
        )
        for row in ordered
    ]
    return EscalationRead(
        effect=ordered[0].effect if ordered else "none",
        triggers=triggers,
        tasks=sorted({task for row in ordered for task in row.tasks}),
    )
