"""What is answered about a course: booked, refused, or impossible."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from api.clock import local_day
from api.decisions.days_ahead import DaysAhead
from api.decisions.later import MET_LATER
from api.decisions.schemas import FindingRead
from api.decisions.service import Decided
from api.problems import Problem
from api.scheduling.course_planning import Placed, Stuck
from api.scheduling.course_schemas import BookedCourse, CourseSession
from api.security import Caller
from models import SessionState, TreatmentSession


class CourseImpossible(Problem):
    """A session of the course finds no place that rules and calendars allow."""

    name, status, title = "course-impossible", 409, "The course cannot be booked whole"
    what_to_do = (
        "Nothing was booked. `session_number` says which session finds no place, `refused` which"
        " rules refuse how many of the days tried, `days_full` on how many nobody is free,"
        " `findings` what the rules say on its target day. `alternatives` are the nearest places"
        " that would need an answer: acknowledge or override those codes, or change the wishes."
    )


def impossible(caller: Caller, judge: DaysAhead, stuck: Stuck) -> CourseImpossible:
    """The problem that says which session, why, and what is nearest."""
    findings = [each.model_dump(mode="json") for each in stuck.judged.findings]
    problem = CourseImpossible(
        f"Session {stuck.session_number} finds no place.",
        session_number=stuck.session_number,
        phase=stuck.phase,
        target_on=stuck.target_on.isoformat(),
        placed_before=len(stuck.placed),
        findings=findings,
        refused=[
            {"code": code, "days": days}
            for code, days in sorted(stuck.refused.items(), key=lambda each: (-each[1], each[0]))
        ],
        days_full=stuck.full,
        alternatives=[_alternative(caller, each) for each in stuck.nearest],
    )
    problem.decision = {
        "outcome": "refused",
        "decision_id": None,
        "unanswered": sorted(stuck.refused),
        **problem.extra,
        "sessions": [
            shown(caller, None, each, None).model_dump(mode="json") for each in stuck.placed
        ],
        "already_booked": len(judge.starts),
    }
    return problem


def _alternative(caller: Caller, each: Placed) -> dict[str, Any]:
    session = shown(caller, None, each, None).model_dump(mode="json")
    names = ("starts_at", "ends_at", "local_starts_at", "practitioner_id", "room_id",
             "days_from_target")  # fmt: skip
    return {name: session[name] for name in names} | {
        "needs_acknowledgement": list(each.judged.acknowledge),
        "needs_override": list(each.judged.override),
    }


def document(answer: BookedCourse, left: Sequence[str]) -> dict[str, Any]:
    """What a dry run answers, and what a refusal carries. left: codes without an answer.

    What is met later needs no override: it may be acknowledged, and stays open.
    """
    findings = [
        {**finding.model_dump(mode="json"), "session_number": each.session_number}
        for each in answer.sessions
        for finding in each.findings
    ]
    sessions = [
        {**each.model_dump(mode="json"), "id": None, "decision_id": None}
        if answer.booked or left
        else each.model_dump(mode="json")
        for each in answer.sessions
    ]
    return {
        "outcome": outcome_of(findings, left),
        "decision_id": None,
        "findings": findings,
        "unanswered": list(left),
        "met_later": sorted(MET_LATER & {each["code"] for each in findings}),
        "plan_id": str(answer.plan_id),
        "would_book": len(answer.sessions) if answer.booked or left else 0,
        "already_booked": answer.already_booked,
        "sessions": sessions,
    }


def outcome_of(findings: Sequence[dict[str, Any]], left: Sequence[str]) -> str:
    """What is left to answer, by the worst of it. What is met later asks to be acknowledged."""
    if not left:
        return "allowed"
    now = {each["severity"] for each in findings if each["code"] in set(left) - MET_LATER}
    if "block" in now:
        return "refused"
    return "needs_override" if "override" in now else "needs_acknowledgement"


def shown(
    caller: Caller, row: TreatmentSession | None, placed: Placed | None, made: Decided | None
) -> CourseSession:
    """A session that was booked, or is only placed, or was there before."""
    if row is not None:
        return CourseSession(
            id=row.id,
            session_number=row.session_number,
            phase=row.phase,
            state=row.state,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            local_starts_at=_wall(caller, row.starts_at),
            practitioner_id=row.practitioner_id,
            room_id=row.room_id,
            target_on=placed.target_on if placed else None,
            days_from_target=_distance(caller, row.starts_at, placed.target_on if placed else None),
            decision_id=row.decision_id,
            findings=made.findings if made else (),
        )
    if placed is None:
        raise RuntimeError("neither a row nor a place to show")
    return CourseSession(
        id=None,
        session_number=placed.judged.number,
        phase=placed.judged.phase,
        state=SessionState.SCHEDULED,
        starts_at=placed.starts_at,
        ends_at=placed.ends_at,
        local_starts_at=_wall(caller, placed.starts_at),
        practitioner_id=placed.practitioner_id,
        room_id=placed.room_id,
        target_on=placed.target_on,
        days_from_target=_distance(caller, placed.starts_at, placed.target_on),
        decision_id=None,
        findings=tuple[FindingRead, ...](placed.judged.findings),
    )


def _wall(caller: Caller, instant: datetime) -> str:
    return instant.astimezone(caller.zone).strftime("%Y-%m-%dT%H:%M")


def _distance(caller: Caller, start: datetime, target: date | None) -> int | None:
    return None if target is None else (local_day(start, caller.zone) - target).days
