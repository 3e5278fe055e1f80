"""What makes sessions to come be judged again: noticed as it is written, done before the commit.

No feature has to remember it. A flush that writes one of the rows below notes whose sessions it
concerns; at the end of the transaction, before its records are sealed, they are judged again.

A patient's sessions: weight, allergies, conditions, medicines, pregnancy, assessments, consents,
therapies, screenings, side effects, holds, administrations, date of birth and sex, the plan.
A patient's others too when one is moved, cancelled or missed, and a plan's when their numbers
change: what comes before which decides about spacing. A session's own when it is booked.

Many patients': a lot with which an ingredient runs out or is there again, a hold on a formula or
an ingredient, and the clinic's own ingredient figures (those whose plan holds it). A new rule set
is the business of its publication; as every change that concerns many, it waits for the bookings
that are under way (`turns`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.audit import changed_fields
from api.database import UnitOfWork
from api.decisions import concerned, incidents, stock
from api.decisions.concerned import About
from api.decisions.recheck import Rechecked, recheck
from api.decisions.the_rest import ask_for_rest
from api.decisions.turns import share_turn, take_turn_alone
from api.decisions.what_changes import MOVED, OF_MANY, WATCHED, change_of
from api.security import Caller
from models import Administration, RuleSet, SessionState, TreatmentSession, WorklistEnd

AT_ONCE = 50  # more than one patient ever has ahead; the rest is an operation's
ALONE_AT_ONCE = 10  # every booking of the clinic waits meanwhile
_ENDS = {
    SessionState.CANCELLED: WorklistEnd.CANCELLED,
    SessionState.NO_SHOW: WorklistEnd.MISSED,
    SessionState.COMPLETED: WorklistEnd.PERFORMED,
}


@dataclass
class _Noticed:
    """What one transaction has written; the first cause of each is the one that is told."""

    changes: dict[About, str]
    ended: dict[UUID, WorklistEnd]
    retrospective: list[Administration]
    rule_set: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.changes or self.ended or self.retrospective or self.rule_set)

    @property
    def concerns_many(self) -> bool:
        """Whether it is about more than the patient whose row the transaction has locked."""
        return self.rule_set or any(about.what in OF_MANY for about in self.changes)


@event.listens_for(UnitOfWork, "before_flush")
def _notice(session: PlainSession, _context: UOWTransaction, _instances: object) -> None:
    for row in [*session.new, *session.dirty]:
        kind = type(row)
        if kind not in WATCHED:
            continue
        fields, new = frozenset(changed_fields(row)), row in session.new
        if fields or new:
            _note(session, row, fields, new)


def _note(session: PlainSession, row: Any, fields: frozenset[str], new: bool) -> None:
    noticed = session.info.get("noticed")
    if noticed is None:
        noticed = session.info["noticed"] = _Noticed({}, {}, [])
        # Before the records are sealed, which this adds to.
        session.info.setdefault("before_commit", []).insert(0, _judge_again)
    change = change_of(row, fields, new)
    if change is not None:
        noticed.changes.setdefault(change.about, change.cause)
    noticed.rule_set = noticed.rule_set or isinstance(row, RuleSet)
    if isinstance(row, Administration) and new and row.retrospective:
        noticed.retrospective.append(row)
    if isinstance(row, TreatmentSession):
        if "state" in fields and row.state in _ENDS:
            noticed.ended[row.id] = _ENDS[row.state]
        elif not new and fields & MOVED:
            noticed.ended.setdefault(row.id, WorklistEnd.MOVED)


async def _judge_again(db: AsyncSession) -> None:
    await judge_now(db)


async def judge_now(db: AsyncSession) -> list[Rechecked]:
    """Judge every session that the transaction concerns so far; each once, by its first cause.

    It happens by itself before the commit; a feature calls it where its answer shows what its
    write means for other sessions. Returns what was found about those that were judged.
    """
    await db.flush()
    noticed: _Noticed | None = db.info.get("noticed")
    if noticed is None or not noticed.anything:
        return []
    caller = audit.recorder(db)
    await (take_turn_alone if noticed.concerns_many else share_turn)(db, caller.clinic_id)
    changes, ended, late = noticed.changes, noticed.ended, noticed.retrospective
    noticed.changes, noticed.ended, noticed.retrospective = {}, {}, []
    noticed.rule_set = False
    await concerned.close_ended(db, caller, ended)
    for administration in late:
        await incidents.open_incident(db, caller, administration)
    looked: dict[UUID, Rechecked] = {}
    for (cause, of_many), group in groupby(changes.items(), key=_alike):
        abouts = [about for about, _ in group]
        if of_many or len(abouts) == 1:
            for about in abouts:
                await _judge_one(db, caller, about, cause, looked)
            continue
        sessions = await concerned.sessions_of_all(db, caller, abouts)
        await _judge(db, caller, sessions, cause, looked)
    return list(looked.values())


def _alike(change: tuple[About, str]) -> tuple[str, bool]:
    """Changes one after the other that are looked at together: of patients, by one cause."""
    about, cause = change
    return cause, about.what in OF_MANY


async def _judge_one(
    db: AsyncSession, caller: Caller, about: About, cause: str, looked: dict[UUID, Rechecked]
) -> None:
    """The first of the sessions that it concerns; the rest is an operation's."""
    if about.what == "lot" and not await stock.turned(db, caller, about):
        return
    most = min(AT_ONCE, ALONE_AT_ONCE) if about.what in OF_MANY else AT_ONCE
    sessions = await concerned.sessions_of(db, caller, about, most)
    await _judge(db, caller, sessions, cause, looked)
    if len(sessions) == most:
        await ask_for_rest(db, caller, about, cause, sessions[-1].id)


async def _judge(
    db: AsyncSession,
    caller: Caller,
    sessions: Sequence[TreatmentSession],
    cause: str,
    looked: dict[UUID, Rechecked],
) -> None:
    left = [each for each in sessions if each.id not in looked]
    if left:
        looked |= {each.session.id: each for each in await recheck(db, caller, left, cause)}
