"""A clinic to repair, made up by arithmetic: the same for the same seed, nothing of a real one."""

import random
from dataclasses import dataclass

from api.solving.placing import Affected, Place, Taking

_DAY, _LENGTH = 86_400, 1_800
_OPENS, _TILES = 9 * 3_600, 16  # half-hours from nine to five

_Slot = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """How large the clinic is and how full its rooms are, in percent."""

    affected: int = 300
    practitioners: int = 20
    rooms: int = 8
    days: int = 180
    full: int = 80
    reach: int = 20  # days with places, for each session
    own: int = 4  # places on each of them at the session's practitioner, at most
    others: int = 6  # places on each of them at anybody else's


def instance(size: Size, seed: int = 1) -> tuple[Affected, ...]:
    """Sessions of days on which the clinic is closed, each with the free places in its window."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    slots = _free_slots(size, dice)
    per_day = max(1, size.rooms * _TILES * size.full // 100)
    closed = -(-size.affected // per_day)
    sessions = []
    for number in range(size.affected):
        day = number * closed // size.affected
        after = dice.choice((14, 14, 14, 21, 35, size.days))
        own, tile = number % size.practitioners, dice.randrange(_TILES)
        wanted = (day - 3, day + after, day, tile, own)
        sessions.append(Affected(_patient(number), _places(size, slots, closed, wanted, number)))
    return tuple(sessions)


def _free_slots(size: Size, dice: random.Random) -> dict[int, list[_Slot]]:
    """By day: practitioner, room and half-hour, each free for both; weekends are closed."""
    slots: dict[int, list[_Slot]] = {}
    for day in range(size.days):
        if day % 7 >= 5:
            continue
        found = []
        for tile in range(_TILES):
            rooms = [room for room in range(size.rooms) if dice.randrange(100) >= size.full]
            away = set(dice.sample(range(size.practitioners), size.rooms * size.full // 100))
            people = [each for each in range(size.practitioners) if each not in away]
            found += [(who, room, tile) for who in people for room in rooms]
        slots[day] = found
    return slots


def _places(
    size: Size,
    slots: dict[int, list[_Slot]],
    closed: int,
    wanted: tuple[int, int, int, int, int],
    number: int,
) -> tuple[Place, ...]:
    """A few of every day in reach, other ones for every session: all want the nearest days."""
    first, last, target, tile, own = wanted
    patient = _patient(number)
    days = [day for day in slots if first <= day <= last and day >= closed]
    days = sorted(days, key=lambda each: (abs(each - target), each))[: size.reach]
    places = []
    for day in days:
        mine = [slot for slot in slots[day] if slot[0] == own]
        theirs = [slot for slot in slots[day] if slot[0] != own]
        for slot in _spread(mine, size.own, number) + _spread(theirs, size.others, number):
            places.append(_place(day, slot, target, tile, own, patient))
    return tuple(sorted(places, key=lambda place: (place.cost, place.taken)))


def _spread(slots: list[_Slot], most: int, number: int) -> list[_Slot]:
    if len(slots) <= most:
        return slots
    return [slots[(number * 7 + each * len(slots) // most) % len(slots)] for each in range(most)]


def _patient(number: int) -> str:
    """Every tenth patient has two affected sessions."""
    return f"patient-{number if number % 10 else max(number - 1, 0)}"


def _place(day: int, slot: _Slot, target: int, tile: int, own: int, patient: str) -> Place:
    who, room, at = slot
    begins = day * _DAY + _OPENS + at * _LENGTH
    ends = begins + _LENGTH
    taken = tuple(
        Taking(resource, begins, ends) for resource in (f"staff-{who}", f"room-{room}", patient)
    )
    return Place(
        taken,
        moved=True,
        days_off=abs(day - target),
        other_practitioner=who != own,
        inconvenience=min(3, abs(at - tile) // 4),
    )
