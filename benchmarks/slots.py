"""CPU of a search for slots: 90 days, 20 practitioners, 6 rooms, a well-filled calendar.

    python -m benchmarks.slots

The calendars are those that the database would give, built here, so that what is measured is the
search alone: weekly hours expanded over daylight-saving changes, closures, absences, ten sessions
a day for each practitioner, and the scheduling rules for every day where a plan is asked about.
"""

import asyncio
import random
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from api.availability.booking_settings import HowToBook, UsualSession
from api.availability.calendars import Buffers, Calendars, Working
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, tidy
from api.availability.weekly import LocalDays
from api.clock import local_day
from api.decisions.days_ahead import DaysAhead, Era
from api.scheduling.agenda import Agenda, Period, Who
from api.scheduling.ranking import NOTHING, Preferences
from api.scheduling.search import Asked, Search
from models import BookedResource, SessionKind
from rules import facts
from rules.protocol import Phase, Protocol
from rules.reference_data import reference_rule_set

ZONE = ZoneInfo("Europe/Paris")
FIRST = date(2026, 3, 2)
DAYS, PEOPLE, ROOMS, PAGE, ROUNDS = 90, 20, 6, 50, 15
_START = datetime(2026, 3, 2, 8, tzinfo=UTC)
_END = _START + timedelta(days=DAYS)
_MINUTE = timedelta(minutes=1)
_HALF_HOUR = 30 * _MINUTE
_CHANCE = random.Random(4)  # noqa: S311 - repeatable, nothing secret
_IDS = [UUID(int=_CHANCE.getrandbits(128), version=4) for _ in range(PEOPLE + ROOMS)]


def _hours(opens: int, closes: int) -> list[Any]:
    return [
        SimpleNamespace(
            weekday=day, opens_minute=opens, closes_minute=closes, valid_from=None, valid_to=None
        )
        for day in range(1, 7)
    ]


def _sessions() -> dict[tuple[BookedResource, UUID], list[Span]]:
    """Ten half hours a day for each practitioner, in rooms by turns."""
    taken: dict[tuple[BookedResource, UUID], list[Span]] = {}
    for person in _IDS[:PEOPLE]:
        for day in range(DAYS):
            midnight = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day)
            for slot in _CHANCE.sample(range(16, 36), 10):
                span = Span(midnight + slot * _HALF_HOUR, midnight + (slot + 1) * _HALF_HOUR)
                taken.setdefault((BookedResource.PRACTITIONER, person), []).append(span)
                if slot % 5 == 0:
                    room = _IDS[PEOPLE + _CHANCE.randrange(ROOMS)]
                    taken.setdefault((BookedResource.ROOM, room), []).append(span)
    return taken


class _Built(Agenda):
    """Calendars made in memory, with the work that reading them from the database would be."""

    def __init__(
        self, caller: Any, who: Who, taken: dict[tuple[BookedResource, UUID], list[Span]]
    ) -> None:
        super().__init__(cast(Any, None), caller, Period(_START, _END, _START), who)
        self._taken = taken

    async def _load(self, number: int) -> Calendars:
        since, until = self.stretch(number)
        days = LocalDays(ZONE, local_day(since, ZONE), local_day(until, ZONE))
        closed = days.whole(date(2026, 4, 6), date(2026, 4, 6))
        mornings, afternoons = _hours(8 * 60, 12 * 60), _hours(13 * 60, 19 * 60)
        return Calendars(
            since=since, until=until, not_before=_START, daytime=[],
            opening=days.weekly(_hours(8 * 60, 19 * 60)),
            closed=tuple(Reason(Calendar.PUBLIC_HOLIDAY, *span) for span in closed),
            working={
                person: Working(days.weekly([*mornings, *afternoons]))
                for person in self.who.people
            },
            taken={
                key: tidy(span for span in spans if span.end > since and span.start < until)
                for key, spans in self._taken.items()
            },
            known=frozenset(_IDS),
        )  # fmt: skip


def _judge() -> DaysAhead:
    """A plan with its first session performed, of a formula of two ingredients."""
    lines = tuple(
        facts.Component(code, strength, 1000, excipient_classes=())
        for code, strength in (("DEXPANTHENOL", 250_000), ("BIOTIN", 5_000))
    )
    phases = (Phase("A", 4, 7, 6, 10), Phase("B", 4, 14, 12, 18), Phase("C", 3, 28, 25, 35))
    known = facts.Facts(
        on=FIRST,
        patient=facts.Patient(patient_id="p", born_on=date(1980, 1, 1), sex="male"),
        formula=facts.Formula("f", 1, lines, 2000),
        plan=facts.Plan(
            "plan", protocol=Protocol("P", phases), volume_per_session_ul=2000,
            last_assessed_on=FIRST,
        ),
        sessions=(facts.PlanSession(1, FIRST, performed=True),),
        given=(facts.GivenDose("BIOTIN", FIRST, 5_000_000, at=_START),),
        effects=(),
    )  # fmt: skip
    return DaysAhead(known, (), [Era(date.min, reference_rule_set(), (), ())], [_START], ZONE)


async def _once(judge: DaysAhead | None, wishes: Preferences, taken: Any) -> int:
    usual = UsualSession(_HALF_HOUR, Buffers(5 * _MINUTE, 5 * _MINUTE))
    asked = Asked(
        how=HowToBook(timedelta(0), 15 * _MINUTE, dict.fromkeys(SessionKind, usual)),
        wishes=wishes,
        around=FIRST + timedelta(days=7),
        most=NOTHING,
        required=False,
        length=None,
        judge=judge,
    )
    who = Who(_IDS[:PEOPLE], _IDS[PEOPLE:], uuid4())
    caller: Any = SimpleNamespace(zone=ZONE)
    agenda = _Built(caller, Who(who.people, who.rooms), taken)
    search = Search(caller, asked, Period(_START, _END, _START), agenda)
    found = 0
    async for _ in search.ranked(None):
        found += 1
        if found == PAGE:
            break
    return found


def main() -> None:
    """Print the CPU milliseconds of each question, best and median."""
    taken = _sessions()
    evening = wall(17)
    one = frozenset(_IDS[3:4])
    questions = {
        "freely, no wish": (None, Preferences(ZONE)),
        "freely, Tuesdays after 17:00": (
            None, Preferences(ZONE, weekdays=frozenset({2}), time_from=evening),
        ),
        "a plan, its own practitioner first": (_judge, Preferences(ZONE, people=one)),
        "a plan, and a wish that nothing meets": (
            _judge, Preferences(ZONE, people=one, weekdays=frozenset({7}), time_from=evening),
        ),
    }  # fmt: skip
    print(f"{DAYS} days, {PEOPLE} practitioners, {ROOMS} rooms, "
          f"{sum(map(len, taken.values()))} spans taken; the first {PAGE} slots")  # fmt: skip
    for name, (judge, wishes) in questions.items():
        spent = []
        for _ in range(ROUNDS):
            asked = judge() if judge else None
            before = time.process_time()
            found = asyncio.run(_once(asked, wishes, taken))
            spent.append((time.process_time() - before) * 1000)
        print(f"{name:40} {found:3} slots  best {min(spent):6.1f} ms  "
              f"median {statistics.median(spent):6.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
