"""Clinics drawn at random, and questions for slots in them: awkward zones and odd hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from api.availability.written import Absent, AtWork, Shut, Weekly, Written
from models import BookingSettings

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# Zone, and a day that is hard there: a gap, a fold, half an hour, at midnight, or odd minutes.
HARD = (
    ("Europe/Paris", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 3, 18)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Chatham", date(2026, 4, 5)),
    ("America/Santiago", date(2026, 4, 5)),
)
_USUAL_HOURS = ((0, 1440), (540, 720), (780, 1110), (1200, 1440), (0, 150), (105, 195))


class TakenUp(NamedTuple):
    """One session or reservation. occupied: with its buffers; None where it has none."""

    practitioner_id: UUID
    room_id: UUID | None
    patient_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime | None = None
    occupied_until: datetime | None = None


@dataclass(frozen=True)
class World:
    """A clinic from `first` on. people, rooms: in the order in which they are chosen."""

    zone: ZoneInfo
    first: date
    people: tuple[UUID, ...]
    rooms: tuple[UUID, ...]
    patient_id: UUID
    written: Written
    settings: BookingSettings
    taken: tuple[TakenUp, ...]

    def at(self, minute: int) -> datetime:
        """So many minutes after the local midnight that begins the first day."""
        return midnight(self.first, self.zone) + minute * MINUTE


@dataclass(frozen=True)
class Question:
    """days: how many local days are searched. wanted: minutes, None for the usual length."""

    days: int
    wanted: int | None
    people: tuple[UUID, ...]
    weekdays: frozenset[int]
    time_from: time | None
    time_to: time | None
    zone: ZoneInfo
    required: bool
    limit: int


@lru_cache(maxsize=64)
def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def _hours(draw: Any, first: date) -> Weekly:
    quarters = st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(
        lambda each: each[0] < each[1]
    )
    low, high = draw(st.sampled_from(_USUAL_HOURS) | quarters.map(lambda q: (15 * q[0], 15 * q[1])))
    season = st.sampled_from((None, None, None, first, first + DAY))
    valid_from, valid_to = draw(season), draw(season)
    if valid_from and valid_to and valid_to < valid_from:
        valid_from = None
    weekday = (first + draw(st.integers(-1, 2)) * DAY).isoweekday()
    return Weekly(weekday, low, high, valid_from, valid_to)


def _every_weekday(draw: Any) -> list[Weekly]:
    low, high = draw(st.sampled_from(_USUAL_HOURS))
    return [Weekly(weekday, low, high) for weekday in range(1, 8)]


def _opening(draw: Any, first: date) -> tuple[Weekly, ...]:
    """None written in one of four clinics; else some every day, and some on single days."""
    if draw(st.integers(0, 3)) == 0:
        return ()
    return (*_every_weekday(draw), *(_hours(draw, first) for _ in range(draw(st.integers(0, 4)))))


def _working(draw: Any, first: date, person: UUID, rooms: tuple[UUID, ...]) -> list[AtWork]:
    if draw(st.booleans()):
        return []
    places = st.sampled_from((None, None, *rooms))
    hours = [*_every_weekday(draw), *(_hours(draw, first) for _ in range(draw(st.integers(0, 2))))]
    fixed = draw(places)
    return [AtWork(person, fixed if each.weekday % 2 else None, each) for each in hours]


def _settings(draw: Any) -> BookingSettings:
    buffers, lengths = st.sampled_from((0, 0, 5, 20, 45)), st.sampled_from((15, 30, 50, 90))
    kinds = {
        f"{kind}_{name}": draw(choice)
        for kind in ("first", "follow_up")
        for name, choice in (
            ("minutes", lengths), ("before_minutes", buffers), ("after_minutes", buffers)
        )
    }  # fmt: skip
    return BookingSettings(grid_minutes=draw(st.sampled_from((15, 20, 25, 30, 45, 60))), **kinds)


@st.composite
def worlds(
    draw: Any,
    people: tuple[UUID, ...],
    rooms: tuple[UUID, ...],
    patient_id: UUID,
) -> World:
    """A clinic with these people and rooms (or the first of them, or none), for two days."""
    name, hard = draw(st.sampled_from(HARD))
    first = hard - draw(st.integers(0, 1)) * DAY
    empty = World(ZoneInfo(name), first, people, rooms, patient_id, Written((), ()),
                  _settings(draw), ())  # fmt: skip
    closures = [
        Shut(UUID(int=number), draw(st.sampled_from((None, *rooms))), day, day, "Works")
        for number in range(draw(st.sampled_from((0, 0, 1))))
        for day in [first + draw(st.integers(0, 1)) * DAY]
    ]
    away = [
        Absent(UUID(int=number), person, *_stretch(draw, empty, 15, 300))
        for number, person in enumerate(draw(st.lists(st.sampled_from(people), max_size=2)))
    ]
    working = [each for person in people for each in _working(draw, first, person, rooms)]
    written = Written(
        people, rooms, _opening(draw, first), tuple(working), tuple(closures), tuple(away)
    )
    taken = [_taken(draw, empty) for _ in range(draw(st.sampled_from((0, 3, 5, 8))))]
    return World(
        empty.zone, first, people, rooms, patient_id, written, empty.settings, tuple(taken)
    )


def _stretch(draw: Any, world: World, least: int, most: int) -> tuple[datetime, datetime]:
    start = world.at(5 * draw(st.integers(0, 2 * 288)))
    return start, start + 5 * draw(st.integers(least // 5, most // 5)) * MINUTE


def _taken(draw: Any, world: World) -> TakenUp:
    """Most often by day, where it is in somebody's way."""
    by_day = st.tuples(st.integers(0, 1), st.integers(7 * 12, 19 * 12)).map(
        lambda each: 5 * (288 * each[0] + each[1])
    )
    start = world.at(draw(by_day | st.integers(0, 190).map(lambda each: 15 * each)))
    end = start + 5 * draw(st.integers(3, 24)) * MINUTE
    buffers = st.sampled_from((0, 0, 10, 25))
    whose = draw(st.sampled_from((None, world.patient_id)))
    room = draw(st.sampled_from((None, *world.rooms)))
    return TakenUp(
        draw(st.sampled_from(world.people)), room, whose, start, end,
        start - draw(buffers) * MINUTE, end + draw(buffers) * MINUTE,
    )  # fmt: skip


@st.composite
def questions(draw: Any, world: World) -> Question:
    """For one or two of the world's days, with wishes or without."""
    walls = st.sampled_from((None, None, time(8), time(12, 30), time(23)))
    time_from, time_to = draw(walls), draw(walls)
    if time_from and time_to and time_to <= time_from:
        time_to = None
    return Question(
        days=draw(st.integers(1, 2)),
        wanted=draw(st.sampled_from((None, None, 30, 55))),
        people=draw(st.sampled_from(((), (), world.people[:1], world.people[1:]))),
        weekdays=draw(st.sampled_from((frozenset(), frozenset({world.first.isoweekday()})))),
        time_from=time_from,
        time_to=time_to,
        zone=draw(st.sampled_from((world.zone, world.zone, ZoneInfo("Asia/Tokyo")))),
        required=draw(st.booleans()),
        limit=draw(st.integers(1, 9)),
    )
