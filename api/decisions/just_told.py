"""What the rules were told about a session a moment ago, for the second look in its transaction.

Who books a session has it judged for the day of the booking, and before the commit once more for
the day of the visit (`foresight`), under the same locks and in the same turn. The facts are those
of the first look, unless anything else was written in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm import Session as PlainSession
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import UnitOfWork
from api.decisions.matters import Matter, Scheduling
from models import Decision, Override, TreatmentSession
from rules.facts import Facts
from rules.rule_set import RuleSet

_WRITTEN_BY_THE_FIRST_LOOK = (Decision, Override)


@dataclass(frozen=True, slots=True)
class JustTold:
    """The facts about one session, and the figures of its day."""

    session_id: UUID
    facts: Facts
    figures: RuleSet


def keep(db: AsyncSession, matter: Matter, facts: Facts, figures: RuleSet) -> None:
    """Remember them until something else is written. A matter of another kind is not kept."""
    if isinstance(matter, Scheduling):
        db.info["just_told"] = JustTold(matter.session_id, facts, figures)


def kept(db: AsyncSession, sessions: Sequence[TreatmentSession]) -> JustTold | None:
    """What was told about this one session; None about any others."""
    told: JustTold | None = db.info.get("just_told")
    alone = told is not None and [each.id for each in sessions] == [told.session_id]
    return told if alone else None


@event.listens_for(UnitOfWork, "before_flush")
def _forget(session: PlainSession, _context: UOWTransaction, _instances: object) -> None:
    told: JustTold | None = session.info.get("just_told")
    if told is None:
        return
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in (*session.new, *changed, *session.deleted):
        own = isinstance(row, TreatmentSession) and row.id == told.session_id
        if not own and not isinstance(row, _WRITTEN_BY_THE_FIRST_LOOK):
            del session.info["just_told"]
            return


@event.listens_for(UnitOfWork, "do_orm_execute")
def _forget_for_a_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info.pop("just_told", None)
