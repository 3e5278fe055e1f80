"""How far ahead anything is booked. Further ahead lies nothing but a mistyped year."""

from datetime import date, datetime, timedelta

from api.problems import invalid

FURTHEST = timedelta(days=1830)  # five years
_COURSE_BEGINS_WITHIN = timedelta(days=730)  # and takes three years at most


def refuse_too_far(now: datetime, starts_at: datetime) -> None:
    """InvalidRequest where a session would start more than five years from now."""
    if starts_at > now + FURTHEST:
        text = f"Sessions are booked at most {FURTHEST.days} days ahead."
        raise invalid("/starts_at", "too_far_ahead", text)


def refuse_course_too_far(today: date, first_on: date) -> None:
    """InvalidRequest where a course would begin more than two years from today."""
    if first_on > today + _COURSE_BEGINS_WITHIN:
        text = f"A course begins at most {_COURSE_BEGINS_WITHIN.days} days ahead."
        raise invalid("/first_on", "too_far_ahead", text)
