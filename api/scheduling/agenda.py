"""Who is free when, for a search: calendars read in stretches, as they are needed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import UsualSession
from api.availability.calendars import Calendars
from api.availability.loading import read, with_taken
from api.availability.taken import Whose
from api.availability.written import Written
from api.clock import local_day
from api.scheduling.grid import begin_of, fitting
from api.security import Caller

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at, half-open. not_before: the earliest start that the clinic takes."""

    since: datetime
    until: datetime
    not_before: datetime

    def days(self, zone: ZoneInfo) -> list[date]:
        first, last = local_day(self.since, zone), local_day(self.until, zone)
        return [first + each * _DAY for each in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Who:
    """Who and what can be booked, each in the order in which it is chosen.

    moving: sessions that are about to leave their places, which count as free.
    """

    people: Sequence[UUID]
    rooms: Sequence[UUID]
    patient_id: UUID | None = None
    moving: Collection[UUID] = ()


class Agenda:
    """Calendars of a period, read in stretches of so many days as they are needed."""

    chunk_days = 3

    def __init__(
        self,
        db: AsyncSession,
        caller: Caller,
        period: Period,
        who: Who,
        longest: timedelta = _DAY,
    ) -> None:
        """longest: no session that is looked for lasts longer."""
        self._db, self._caller, self._period, self.who = db, caller, period, who
        self._longest = longest
        self._first = local_day(period.since, caller.zone)
        self._written: Written | None = None
        self._read: dict[int, Calendars] = {}
        self._fitting: dict[object, frozenset[datetime]] = {}

    async def of(self, day: date) -> Calendars:
        """The calendars around that day."""
        number = (day - self._first).days // self.chunk_days
        if number not in self._read:
            self._read[number] = await self._load(number)
        return self._read[number]

    def fits(
        self,
        calendars: Calendars,
        room: UUID | None,
        usual: UsualSession,
        starts: Sequence[datetime],
    ) -> frozenset[datetime]:
        """Those of a day's starts at which the room, or without one the patient, is free.

        Reckoned once for all practitioners. starts: all of the day with this usual session.
        """
        key = (room, usual, starts[0])
        if key not in self._fitting:
            free = (
                calendars.patient_free(self.who.patient_id)
                if room is None
                else calendars.room_free(room, usual.buffers)
            )
            self._fitting[key] = frozenset(fitting(starts, free, usual.length))
        return self._fitting[key]

    def stretch(self, number: int) -> tuple[datetime, datetime]:
        """The instants of one stretch; one that begins on its last day may end after midnight."""
        zone, period = self._caller.zone, self._period
        first = self._first + number * self.chunk_days * _DAY
        since = max(period.since, begin_of(first, zone))
        midnight = begin_of(first + self.chunk_days * _DAY, zone)
        return since, min(period.until, midnight + self._longest)

    async def _load(self, number: int) -> Calendars:
        caller, who = self._caller, self.who
        since, until = self.stretch(number)
        written = await self._hours()
        hours = written.calendars(caller.zone, since, until, self._period.not_before)
        whose = Whose(frozenset(who.people), frozenset(who.rooms), who.patient_id)
        return await with_taken(self._db, caller.clinic_id, hours, whose, caller.now, who.moving)

    async def _hours(self) -> Written:
        """What was written for the whole period: little, and read once."""
        if self._written is None:
            caller, period, who = self._caller, self._period, self.who
            self._written = await read(
                self._db, caller.clinic_id, caller.zone, period.since, period.until,
                who.people, who.rooms,
            )  # fmt: skip
        return self._written


class SparseAgenda(Agenda):
    """For who looks at one day here and there, as a course does: fewer and longer stretches."""

    chunk_days = 21


def free_starts(
    agenda: Agenda,
    calendars: Calendars,
    person: UUID,
    usual: UsualSession,
    starts: Sequence[datetime],
) -> list[tuple[datetime, UUID | None]]:
    """The starts at which the person and the patient are free, each with the first room that is.

    starts: all of one day at which it would be a session of that kind.
    """
    length, buffers = usual.length, usual.buffers
    anywhere = calendars.practitioner_free(person, None, buffers)
    possible = fitting(starts, anywhere, length)
    if not possible:
        return []
    if agenda.who.patient_id is not None:
        patient = agenda.fits(calendars, None, usual, starts)
        possible = [start for start in possible if start in patient]
    if not agenda.who.rooms:
        return [(start, None) for start in possible]
    rooms: dict[datetime, UUID | None] = {}
    for room in agenda.who.rooms:
        if len(rooms) == len(possible):
            break
        free = agenda.fits(calendars, room, usual, starts)
        there = calendars.practitioner_free(person, room, buffers)
        mine = possible if there is anywhere else fitting(possible, there, length)
        for start in mine:
            if start in free:
                rooms.setdefault(start, room)
    return list(rooms.items())
