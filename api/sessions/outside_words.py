"""How it is told that a session lies outside a calendar, or in a room that lacks something."""

import json
from collections.abc import Iterable, Sequence

from api.availability.reasons import Calendar, Reason
from api.decisions.schemas import FindingRead
from api.decisions.worklist import Figures
from api.sessions.outside_schemas import OutsideSession
from api.sessions.refusing import words
from models import TreatmentSession

_OUTSIDE = "This session lies outside a calendar."
_UNEQUIPPED = "This session is in a room that lacks what its plan needs."


def title_of(reasons: Sequence[Reason]) -> str:
    """What all of it comes to: the first reason says."""
    return _title(reasons[0])


def figures_of(reasons: Iterable[Reason]) -> Figures:
    """Which calendars, and which closure, time off or feature; not from when to when, which says
    little."""
    return frozenset((each.calendar.value, _which(each)) for each in reasons)


def findings_text(reasons: Iterable[Reason]) -> str:
    """As a worklist item keeps them."""
    return json.dumps([_finding(each).model_dump(mode="json") for each in reasons])


def shown(session: TreatmentSession, reasons: Sequence[Reason]) -> OutsideSession:
    """As the answer to the change lists it."""
    return OutsideSession(
        session_id=session.id,
        patient_id=session.patient_id,
        practitioner_id=session.practitioner_id,
        room_id=session.room_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        refused_by=tuple(dict.fromkeys(each.calendar for each in reasons)),
        missing_features=tuple(_which(each) for each in reasons if _is_feature(each)),
    )


def _is_feature(reason: Reason) -> bool:
    return reason.calendar is Calendar.ROOM_FEATURES


def _which(reason: Reason) -> str:
    return (reason.name if _is_feature(reason) else str(reason.row_id or "")) or ""


def _title(reason: Reason) -> str:
    return _UNEQUIPPED if _is_feature(reason) else _OUTSIDE


def _finding(reason: Reason) -> FindingRead:
    lacks = _is_feature(reason)
    return FindingRead(
        code=f"CALENDAR-{reason.calendar.value.upper().replace('_', '-')}",
        outcome="fail", severity="block", title=_title(reason),
        message=f"The room has no {reason.name}." if lacks else words(reason.calendar),
        pointer=None, measured=None, limit=None, unit=None,
        source="the clinic's rooms" if lacks else "the clinic's calendars", evidence="clinic",
        remedy="Move the session to another room, or equip this one."
        if lacks
        else "Move the session, or change the calendar.",
        first_day=None, override_role=None, second_person=False,
    )  # fmt: skip
