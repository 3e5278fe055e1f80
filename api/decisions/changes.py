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

from collections.abc import Callable
from dataclasses import dataclass
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
from models import (
    Administration,
    Allergy,
    Assessment,
    Condition,
    Consent,
    Hold,
    HoldScope,
    Ingredient,
    Lot,
    Measurement,
    Medication,
    Patient,
    PregnancyStatement,
    RuleSet,
    Screening,
    SessionState,
    SideEffect,
    Therapy,
    TreatmentPlan,
    TreatmentSession,
    WorklistEnd,
)

AT_ONCE = 50  # more than one patient ever has ahead; the rest is an operation's
ALONE_AT_ONCE = 10  # every booking of the clinic waits meanwhile
_CAUSES: dict[type[Any], str] = {
    Allergy: "allergy",
    Condition: "condition",
    Medication: "medication",
    PregnancyStatement: "pregnancy",
    Assessment: "diagnosis",
    Consent: "consent",
    Therapy: "therapy",
    Screening: "screening",
    Administration: "administration",
}
_SIDE_EFFECT = frozenset(
    {"code", "grade", "state", "causality", "onset_on", "plan_id", "details",
     "days_since_session", "suspect_ingredient_codes"}
)  # fmt: skip
_PATIENT = frozenset({"born_on", "sex", "childbearing_potential"})
_PLAN = frozenset(
    {"formula_version_id", "protocol_version_id", "areas", "volume_per_session_ul", "points",
     "depth_um", "technique", "needle_gauge", "diagnosis_icd10", "state"}
)  # fmt: skip
_MOVED = frozenset({"starts_at", "practitioner_id"})
_GIVEN_UP = (SessionState.CANCELLED, SessionState.NO_SHOW)
_ENDS = {
    SessionState.CANCELLED: WorklistEnd.CANCELLED,
    SessionState.NO_SHOW: WorklistEnd.MISSED,
    SessionState.COMPLETED: WorklistEnd.PERFORMED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was written. what: `patient`, `session`, `lot`, `formula`, `ingredient`."""

    about: About
    cause: str


def _of_patient(row: Any, cause: str) -> Change:
    return Change(About("patient", row.clinic_id, row.patient_id), cause)


def _of_session(row: TreatmentSession, fields: frozenset[str], new: bool) -> Change | None:
    if new:
        return Change(About("session", row.clinic_id, row.id), "booking")
    if "starts_at" in fields or ("state" in fields and row.state in _GIVEN_UP):
        return Change(About("patient", row.clinic_id, row.patient_id), "booking")
    if "session_number" in fields:
        return Change(About("plan", row.clinic_id, row.plan_id), "booking")
    return Change(About("session", row.clinic_id, row.id), "booking") if fields & _MOVED else None


def _of_hold(row: Hold, fields: frozenset[str], new: bool) -> Change | None:
    if row.patient_id is not None:
        return _of_patient(row, "hold")
    if row.plan_id is not None:
        return Change(About("plan", row.clinic_id, row.plan_id), "hold")
    if row.scope is HoldScope.FORMULA and row.formula_id is not None:
        return Change(About("formula", row.clinic_id, row.formula_id), "hold")
    if row.scope is HoldScope.INGREDIENT and row.ingredient_code is not None:
        return Change(About("ingredient", row.clinic_id, row.ingredient_code), "hold")
    return None


def _of_weight(row: Measurement, fields: frozenset[str], new: bool) -> Change | None:
    return _of_patient(row, "weight") if row.kind == "weight" else None


def _of_side_effect(row: SideEffect, fields: frozenset[str], new: bool) -> Change | None:
    return _of_patient(row, "side_effect") if new or fields & _SIDE_EFFECT else None


def _of_person(row: Patient, fields: frozenset[str], new: bool) -> Change | None:
    about = About("patient", row.clinic_id, row.id)
    return Change(about, "patient") if not new and fields & _PATIENT else None


def _of_plan(row: TreatmentPlan, fields: frozenset[str], new: bool) -> Change | None:
    about = About("plan", row.clinic_id, row.id)
    return Change(about, "plan") if not new and fields & _PLAN else None


def _of_lot(row: Lot, fields: frozenset[str], new: bool) -> Change | None:
    about = About("lot", row.clinic_id, row.id)
    return Change(about, "lot") if new or "state" in fields else None


def _of_ingredient(row: Ingredient, fields: frozenset[str], new: bool) -> Change | None:
    return None if new else Change(About("ingredient", row.clinic_id, row.code), "ingredient")


_SPECIAL: dict[type[Any], Callable[[Any, frozenset[str], bool], Change | None]] = {
    Hold: _of_hold,
    Ingredient: _of_ingredient,
    Lot: _of_lot,
    Measurement: _of_weight,
    Patient: _of_person,
    SideEffect: _of_side_effect,
    TreatmentPlan: _of_plan,
    TreatmentSession: _of_session,
}


_OF_MANY = frozenset({"lot", "formula", "ingredient"})
_WATCHED = frozenset({*_CAUSES, *_SPECIAL, RuleSet})


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
        return self.rule_set or any(about.what in _OF_MANY for about in self.changes)


@event.listens_for(UnitOfWork, "before_flush")
def _notice(session: PlainSession, _context: UOWTransaction, _instances: object) -> None:
    for row in [*session.new, *session.dirty]:
        kind = type(row)
        if kind not in _WATCHED:
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
    cause, special = _CAUSES.get(type(row)), _SPECIAL.get(type(row))
    change = _of_patient(row, cause) if cause else special(row, fields, new) if special else None
    if change is not None:
        noticed.changes.setdefault(change.about, change.cause)
    noticed.rule_set = noticed.rule_set or isinstance(row, RuleSet)
    if isinstance(row, Administration) and new and row.retrospective:
        noticed.retrospective.append(row)
    if isinstance(row, TreatmentSession):
        if "state" in fields and row.state in _ENDS:
            noticed.ended[row.id] = _ENDS[row.state]
        elif not new and fields & _MOVED:
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
    for about, cause in changes.items():
        if about.what == "lot" and not await stock.turned(db, caller, about):
            continue
        most = min(AT_ONCE, ALONE_AT_ONCE) if about.what in _OF_MANY else AT_ONCE
        sessions = await concerned.sessions_of(db, caller, about, most)
        left = [each for each in sessions if each.id not in looked]
        if left:
            looked |= {each.session.id: each for each in await recheck(db, caller, left, cause)}
        if len(sessions) == most:
            await ask_for_rest(db, caller, about, cause, sessions[-1].id)
    return list(looked.values())
