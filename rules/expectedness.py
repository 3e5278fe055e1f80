"""Whether a side effect is what the catalogue leads one to expect, by its two windows."""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.tables import Effect


@dataclass(frozen=True, slots=True)
class Expectedness:
    """How a side effect stands against its catalogue windows; None is "cannot be told".

    onset_day: days from the session before to the onset (0 = same day).
    end_by: the day by which it is expected to be over; None where there is no usual end.
    overdue: it lasted, or lasts, beyond that day. because: the answer in words.
    """

    expected: bool | None
    onset_day: int | None
    in_onset_window: bool | None
    end_by: date | None
    overdue: bool | None
    because: str


def expectedness(
    effect: Effect | None,
    *,
    last_session_on: date | None,
    onset_on: date | None,
    ended_on: date | None,
    today: date,
) -> Expectedness:
    """Compare onset and duration with the catalogue's windows, both ends included.

    last_session_on: the latest session at or before the onset. ended_on: None while it lasts.
    Expected only if the onset lies in its window and it is not overdue.
    """
    if effect is None:
        return Expectedness(None, None, None, None, None, "The catalogue has no such side effect.")
    day = (onset_on - last_session_on).days if onset_on and last_session_on else None
    in_window = _in_onset_window(effect, day)
    end_by = _end_by(effect, last_session_on, onset_on)
    overdue = None if end_by is None else (ended_on or today) > end_by
    expected = None if in_window is None else in_window and not overdue
    return Expectedness(
        expected, day, in_window, end_by, overdue, _because(effect, day, in_window, end_by, overdue)
    )


def _in_onset_window(effect: Effect, day: int | None) -> bool | None:
    if day is None or effect.onset_from is None or effect.onset_to is None:
        return None
    return effect.onset_from <= day <= effect.onset_to


def _end_by(effect: Effect, last_session_on: date | None, onset_on: date | None) -> date | None:
    start = onset_on if effect.ends_after == "onset" else last_session_on
    if start is None or effect.end_days is None:
        return None
    return start + timedelta(days=effect.end_days)


def _because(
    effect: Effect,
    day: int | None,
    in_window: bool | None,
    end_by: date | None,
    overdue: bool | None,
) -> str:
    if in_window is None:
        return "The days since the session, or the usual onset, are not known."
    usual = f"{effect.name} usually begins on day {effect.onset_from} to {effect.onset_to}"
    words = [f"{usual} after a session; this began on day {day}."]
    if overdue:
        words.append(f"It was expected to be over by {end_by}.")
    elif end_by is not None:
        words.append(f"It is expected to be over by {end_by}.")
    return " ".join(words)
