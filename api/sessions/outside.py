"""Booked sessions that a changed calendar leaves outside: told, listed, never deleted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.loading import load_hours
from api.availability.out_of_use import out_of_use
from api.availability.reasons import Calendar, Reason
from api.decisions.turns import take_turn_alone
from api.decisions.worklist import Figures, add_item, close_item, figures_text, read_figures
from api.security import Caller
from api.sessions.outside_schemas import Outside
from api.sessions.outside_words import figures_of, findings_text, shown, title_of
from api.sessions.rooms import what_rooms_lack
from models import (
    SessionState,
    TreatmentSession,
    WorklistEnd,
    WorklistItem,
    WorklistKind,
    WorklistSeverity,
)

CAUSE = "calendar"
_SHOWN = 50
_BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of calendars, and which sessions it can concern: None for all of the clinic's."""

    calendars: frozenset[Calendar]
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def sessions_outside(db: AsyncSession, caller: Caller, changed: Changed) -> Outside:
    """The sessions to come that lie outside the calendars as they are now, or in a room that lacks
    what their plan needs.

    Brings the review worklist up to date. Whoever is about to book comes before, or waits and
    sees the change; the caller has locked what it changed.
    """
    await db.flush()
    await take_turn_alone(db, caller.clinic_id)
    which = _concerned(caller, changed)
    order = col(TreatmentSession.starts_at), col(TreatmentSession.id)
    sessions = (await db.exec(select(TreatmentSession).where(*which).order_by(*order))).all()
    refused = await _refused(db, caller, sessions, await what_rooms_lack(db, which))
    await _keep(db, caller, sessions, refused)
    told = [
        (session, refused[session.id])
        for session in sessions
        if {each.calendar for each in refused[session.id]} & changed.calendars
    ]
    return _told(
        db, Outside(count=len(told), sessions=tuple(shown(*each) for each in told[:_SHOWN]))
    )


def nobody_outside(db: AsyncSession) -> Outside:
    """The answer to a change that no booked session can feel."""
    return _told(db, Outside(count=0, sessions=()))


def _told(db: AsyncSession, outside: Outside) -> Outside:
    """As the answer says it, and as a dry run does."""
    db.info["decision"] = {
        "dry_run": True, "outcome": "allowed", "findings": [], "decision_id": None,
        "outside": outside.model_dump(mode="json"),
    }  # fmt: skip
    return outside


async def settle(db: AsyncSession, caller: Caller, session: TreatmentSession) -> None:
    """Take a session off the list that was just moved to where its calendars allow it."""
    for item in (await _items(db, caller, [session]))[session.id]:
        if item.closed_at is None:
            close_item(db, caller, item, WorklistEnd.MOVED)


def _concerned(caller: Caller, changed: Changed) -> list[ColumnElement[bool]]:
    """Which sessions are looked at."""
    table = TreatmentSession
    since = max(caller.now, (changed.since or caller.now) - timedelta(days=1))
    found = [
        col(table.clinic_id) == caller.clinic_id,
        col(table.state).in_(_BOOKED),
        col(table.starts_at) > since,
    ]
    if changed.practitioner_id is not None:
        found.append(col(table.practitioner_id) == changed.practitioner_id)
    if changed.room_id is not None:
        found.append(col(table.room_id) == changed.room_id)
    if changed.until is not None:
        found.append(col(table.starts_at) < changed.until)
    return found


async def _refused(
    db: AsyncSession,
    caller: Caller,
    sessions: Sequence[TreatmentSession],
    lacking: Mapping[UUID, Sequence[str]],
) -> dict[UUID, tuple[Reason, ...]]:
    """What refuses each of them now."""
    if not sessions:
        return {}
    people = {each.practitioner_id for each in sessions}
    rooms = {each.room_id for each in sessions if each.room_id is not None}
    last = max(each.ends_at for each in sessions)
    hours = await load_hours(db, caller.clinic_id, caller.zone, caller.now, last, people, rooms)
    gone = await out_of_use(db, caller.clinic_id, people, rooms)
    found = {}
    for each in sessions:
        where = each.starts_at, each.ends_at, each.practitioner_id, each.room_id
        found[each.id] = (
            *gone.restrictions(*where),
            *_unequipped(each, lacking.get(each.id, ())),
            *hours.restrictions(*where),
        )
    return found


def _unequipped(session: TreatmentSession, lacking: Iterable[str]) -> list[Reason]:
    """One for each feature, so that what somebody dismissed comes back when another goes."""
    span = session.starts_at, session.ends_at
    return [Reason(Calendar.ROOM_FEATURES, *span, name=feature) for feature in lacking]


async def _keep(
    db: AsyncSession,
    caller: Caller,
    sessions: Sequence[TreatmentSession],
    refused: dict[UUID, tuple[Reason, ...]],
) -> None:
    """Open, bring up to date, or close the items of these sessions."""
    items = await _items(db, caller, sessions)
    for session in sessions:
        reasons, mine = refused[session.id], items[session.id]
        figures = figures_of(reasons)
        item = next((each for each in mine if each.closed_at is None), None)
        if item is None:
            dismissed: Figures = frozenset().union(*(read_figures(each.figures) for each in mine))
            if not figures <= dismissed:
                await _open(db, caller, session, reasons)
        elif not reasons:
            close_item(db, caller, item, WorklistEnd.CLEAN)
        elif figures != read_figures(item.figures):
            item.title, item.findings = title_of(reasons), findings_text(reasons)
            item.figures = figures_text(figures)
            audit.record(db, caller, "worklist_item.updated", item)


async def _items(
    db: AsyncSession, caller: Caller, sessions: Sequence[TreatmentSession]
) -> defaultdict[UUID, list[WorklistItem]]:
    """The open items of these sessions, and those that a person dismissed."""
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == caller.clinic_id,
        WorklistItem.kind == WorklistKind.CALENDAR,
        col(WorklistItem.session_id).in_({each.id for each in sessions}),
        col(WorklistItem.closed_at).is_(None)
        | (col(WorklistItem.closed_because) == WorklistEnd.DISMISSED),
    )
    statement = statement.order_by(col(WorklistItem.id)).with_for_update(key_share=True)
    items: defaultdict[UUID, list[WorklistItem]] = defaultdict(list)
    for item in await db.exec(statement.execution_options(populate_existing=True)):
        if item.session_id is not None:
            items[item.session_id].append(item)
    return items


async def _open(
    db: AsyncSession, caller: Caller, session: TreatmentSession, reasons: Sequence[Reason]
) -> None:
    item = WorklistItem(
        clinic_id=session.clinic_id,
        kind=WorklistKind.CALENDAR,
        cause=CAUSE,
        severity=WorklistSeverity.BLOCK,
        title=title_of(reasons),
        findings=findings_text(reasons),
        figures=figures_text(figures_of(reasons)),
        patient_id=session.patient_id,
        session_id=session.id,
        practitioner_id=session.practitioner_id,
        decision_id=session.decision_id,
        due_at=session.starts_at,
        opened_at=caller.now,
    )
    if await add_item(db, item):
        audit.record(db, caller, "session.needs_review", session, reason=CAUSE)
