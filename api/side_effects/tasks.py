"""What the escalation table asks people to do, on the worklist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.decisions.worklist import add_item, close_item, figures_text
from api.security import Caller
from api.side_effects.signals import Signals
from api.side_effects.targets import Targets
from models import (
    Formula,
    Lot,
    SideEffect,
    WorklistEnd,
    WorklistItem,
    WorklistKind,
    WorklistSeverity,
)

if TYPE_CHECKING:
    from rules.tables import Escalation

_SEVERITY = {"block": WorklistSeverity.BLOCK, "hold": WorklistSeverity.OVERRIDE}
CLUSTER, SIGNAL = "lot_cluster", "formula_signal"


async def open_tasks(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    rows: Sequence["Escalation"],
    signals: Signals,
    targets: Targets,
) -> None:
    """Put each row's tasks onto the worklist once; what is there and open is left alone."""
    for row in rows:
        if not row.tasks:
            continue
        asked = _Asked(effect, row, caller.now, targets.due_at(row) or caller.now)
        for item in await _items(db, asked, signals):
            await _add(db, caller, item)


async def open_task(
    db: AsyncSession,
    caller: Caller,
    row: "Escalation",
    title: str,
    subject: tuple[str, ...],
    due_at: datetime,
    *,
    patient_id: UUID,
) -> None:
    """One task about a patient that no side effect has led to; once while it is open."""
    item = WorklistItem(
        clinic_id=caller.clinic_id,
        kind=WorklistKind.TASK,
        cause=row.trigger,
        severity=_SEVERITY.get(row.effect, WorklistSeverity.WARN),
        title=title,
        figures=figures_text(frozenset({subject})),
        patient_id=patient_id,
        due_at=due_at,
        opened_at=caller.now,
    )
    await _add(db, caller, item)


async def _add(db: AsyncSession, caller: Caller, item: WorklistItem) -> None:
    if not await _is_open(db, item):
        await add_item(db, item)
        audit.record(db, caller, "task.opened", item, reason=item.cause)


async def close_tasks(db: AsyncSession, caller: Caller, effect: SideEffect) -> None:
    """Take the tasks of a side effect off the list that never was one."""
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == effect.clinic_id,
        WorklistItem.kind == WorklistKind.TASK,
        WorklistItem.side_effect_id == effect.id,
        col(WorklistItem.closed_at).is_(None),
    )
    for item in await db.exec(statement):
        close_item(db, caller, item, WorklistEnd.CLEAN)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one row asks for one side effect."""

    effect: SideEffect
    row: "Escalation"
    opened_at: datetime
    due_at: datetime

    def item(self, title: str, subject: tuple[str, ...]) -> WorklistItem:
        """subject: what the task is about, by which it is known again."""
        return WorklistItem(
            clinic_id=self.effect.clinic_id,
            kind=WorklistKind.TASK,
            cause=self.row.trigger,
            severity=_SEVERITY.get(self.row.effect, WorklistSeverity.WARN),
            title=title,
            figures=figures_text(frozenset({subject})),
            side_effect_id=self.effect.id,
            due_at=self.due_at,
            opened_at=self.opened_at,
        )


async def _items(db: AsyncSession, asked: _Asked, signals: Signals) -> list[WorklistItem]:
    """One per lot for a cluster, else one. A signal is nobody's in particular."""
    effect, row = asked.effect, asked.row
    if row.trigger == CLUSTER:
        return [await _of_lot(db, asked, each) for each in sorted(signals.alike.items())]
    if row.trigger == SIGNAL and signals.formula_id is not None and signals.rate is not None:
        formula = await found(db, Formula, effect.clinic_id, signals.formula_id)
        cases, sessions, cases_before, sessions_before = signals.rate
        title = (
            f"Signal: {effect.code} after {formula.name}: {cases} cases with {sessions} sessions "
            f"in 30 days, against {cases_before} with {sessions_before} in the 12 months before."
        )
        return [asked.item(title, (SIGNAL, str(formula.id), effect.code))]
    words = ", ".join(task.replace("_", " ") for task in row.tasks)
    item = asked.item(f"{row.name}: {words}.", (row.trigger, str(effect.id)))
    item.patient_id = effect.patient_id
    return [item]


async def _of_lot(db: AsyncSession, asked: _Asked, alike: tuple[UUID, int]) -> WorklistItem:
    effect, (lot_id, patients) = asked.effect, alike
    lot = await found(db, Lot, effect.clinic_id, lot_id)
    title = (
        f"Signal: {effect.code} in {patients} patients within 30 days after lot "
        f"{lot.lot_number} ({lot.product_name})."
    )
    item = asked.item(title, (CLUSTER, str(lot_id), effect.code))
    item.lot_id = lot_id
    return item


async def _is_open(db: AsyncSession, item: WorklistItem) -> bool:
    statement = select(WorklistItem.id).where(
        WorklistItem.clinic_id == item.clinic_id,
        WorklistItem.kind == WorklistKind.TASK,
        WorklistItem.cause == item.cause,
        WorklistItem.figures == item.figures,
        col(WorklistItem.closed_at).is_(None),
    )
    return (await db.exec(statement.limit(1))).first() is not None
