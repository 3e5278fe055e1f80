"""What is told about each affected session: where it is to go and why there, or why nowhere."""

from api.clock import local_day
from api.repairs.candidates import Candidate, Moving
from api.repairs.schemas import RepairMove, RepairPlace
from api.security import Caller

_RULES_TOLD = 3


def move_of(moving: Moving, chosen: int | None, caller: Caller) -> RepairMove:
    """One line of the proposal. chosen: which of its candidates, or None."""
    session = moving.booked.session
    candidate = None if chosen is None else moving.candidates[chosen]
    later = () if candidate is None else candidate.judged.override
    code, why = _told(moving, candidate, caller)
    return RepairMove(
        session_id=session.id,
        session_version=session.version,
        plan_id=session.plan_id,
        patient_id=session.patient_id,
        present=RepairPlace(
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            practitioner_id=session.practitioner_id,
            room_id=session.room_id,
        ),
        proposed=None if candidate is None else _place(moving, candidate),
        code=code,
        why=why,
        target_on=moving.target_on,
        days_off_target=None if candidate is None else candidate.place.days_off,
        other_practitioner=candidate is not None and candidate.place.other_practitioner,
        acknowledge=() if candidate is None else (*candidate.judged.acknowledge, *later),
        open_points=later,
        rules=_rules(moving) if code == "rules" else (),
    )


def _place(moving: Moving, candidate: Candidate) -> RepairPlace:
    spot = candidate.spot
    return RepairPlace(
        starts_at=spot.starts_at,
        ends_at=spot.starts_at + moving.length,
        practitioner_id=spot.practitioner_id,
        room_id=spot.room_id,
    )


def _told(moving: Moving, candidate: Candidate | None, caller: Caller) -> tuple[str, str]:
    if candidate is not None:
        return _moved(moving, candidate, caller)
    if moving.code is not None:
        return moving.code, moving.why
    if moving.candidates:
        return "needed_by_others", "Every place for it is needed for others, or waits for them."
    if moving.any_time and moving.refused:
        listed = ", ".join(_rules(moving))
        return "rules", f"On every free day something stands in the way: {listed}."
    return "no_time", "Nobody who could take it, or no room for it, is free within the horizon."


def _moved(moving: Moving, candidate: Candidate, caller: Caller) -> tuple[str, str]:
    place = candidate.place
    person = " with another practitioner" if place.other_practitioner else ""
    if not place.moved:
        where = "" if place.other_practitioner else " in another room"
        return "reassigned", f"Keeps its time{person}{where}."
    day = local_day(candidate.spot.starts_at, caller.zone)
    days = (day - moving.target_on).days
    if days == 0:
        return "moved", f"On the target day{person}."
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    word = "after" if days > 0 else "before"
    return "moved", f"{count} {word} the target day{person}."


def _rules(moving: Moving) -> tuple[str, ...]:
    """Those that refuse most days first."""
    ranked = sorted(moving.refused.items(), key=lambda each: (-each[1], each[0]))
    return tuple(code for code, _ in ranked[:_RULES_TOLD])
