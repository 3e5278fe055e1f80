"""Who is who in the demo: forty patients, how each is treated, since when, and what happened."""

from datetime import UTC, date, datetime, timedelta

from api.demo import incidents, unbooked
from api.demo.courses import Course, Story, drafted, ended, ongoing
from api.demo.desk import ZONE, Desk
from api.demo.people import PATIENTS, Person
from api.demo.record import register
from api.demo.treatments import (
    MELASMA,
    MELASMA_OTHER_LOT,
    PDRN,
    SCALP,
    SKIN,
    WEEKLY,
    Treatment,
)

# Treatment, days since the first visit, who injects, and a known allergy.
_ONGOING: tuple[tuple[Treatment, int, str, str], ...] = (
    (SCALP, 96, "practitioner", ""), (SCALP, 54, "director", "FISH"),
    (SCALP, 40, "practitioner", ""), (SCALP, 33, "director", ""),
    (SCALP, 26, "practitioner", ""), (SCALP, 19, "director", "OTHER"),
    (SCALP, 12, "practitioner", ""), (SCALP, 5, "director", ""),
    (WEEKLY, 33, "practitioner", "AMIDE_LA"), (WEEKLY, 19, "director", ""),
    (WEEKLY, 12, "practitioner", "AMIDE_LA"), (MELASMA, 44, "director", ""),
    (MELASMA, 30, "practitioner", ""), (MELASMA, 16, "director", ""),
    (SKIN, 62, "practitioner", ""), (SKIN, 30, "director", "FISH"),
    (PDRN, 33, "practitioner", ""), (PDRN, 18, "director", ""),
)  # fmt: skip


def stories(desk: Desk) -> list[Story]:
    """The forty stories, in the order in which their patients are listed."""
    people = iter(enumerate(PATIENTS))

    def course(
        kind: Treatment, days_ago: int, who: str = "practitioner", allergy: str = ""
    ) -> Course:
        number, person = next(people)
        begins = weekday_before(desk.today, days_ago)
        return Course(desk, person, number, kind, begins, who, allergy)

    told: list[Story] = [ongoing(course(*entry)) for entry in _ONGOING]
    told += [
        incidents.missed(course(SCALP, 50)),
        incidents.early(course(SCALP, 24)),
        incidents.bruised(course(SCALP, 44)),
        incidents.shedding(course(SCALP, 36, "director")),
        incidents.headache(course(WEEKLY, 29)),
        incidents.nodule(course(MELASMA_OTHER_LOT, 48, "director")),
        incidents.released(course(SCALP, 26)),
        ended(course(SCALP, 125), 4, "complete", "Goals reached; maintenance is not wanted."),
        ended(course(SKIN, 110, "director"), 3, "complete", "Three sessions given, review done."),
        ended(course(WEEKLY, 90), 2, "stop", "The patient moved away."),
        ended(course(MELASMA, 82), 3, "stop", "No response; other treatment was chosen."),
        drafted(course(SCALP, 6)),
        drafted(course(MELASMA, 4)),
        drafted(course(PDRN, 3)),
        unbooked.never(course(SCALP, 9)),
        unbooked.never(course(SKIN, 2, "director")),
        unbooked.since(course(MELASMA, 18)),
        unbooked.since(course(SKIN, 32, "director")),
        unbooked.called_off(course(SKIN, 20)),
    ]
    told += [
        _registered(desk, person, 2 * place) for place, (_, person) in enumerate(people, start=1)
    ]
    return told


async def _registered(desk: Desk, person: Person, days_ago: int) -> Story:
    """Registered by the front desk; the first visit is still to come."""
    day = weekday_before(desk.today, days_ago)
    yield datetime(day.year, day.month, day.day, 15, tzinfo=ZONE).astimezone(UTC)
    await register(desk, person)


def weekday_before(today: date, days: int) -> date:
    """The last working day that is at least so many days ago."""
    day = today - timedelta(days=days)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day
