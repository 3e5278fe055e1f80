"""What a repair chooses among: affected sessions, their possible places, and what each costs.

Nothing here knows the database, the clock or HTTP. Instants are whole seconds since 1970 (UTC),
stretches are half-open: the end is free again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# In this order of weight, each far above what the next can add up to for one session: a horizon
# of 180 days costs less than one patient moved without need, and a change of practitioner less
# than one day. They are sums over all sessions, and stated with every proposal.
WITHOUT_PLACE = 100_000
PATIENT_MOVED = 2_000
DAY_OFF_TARGET = 10
OTHER_PRACTITIONER = 6
LARGEST_INCONVENIENCE = 3  # decides between places that are otherwise alike


@dataclass(frozen=True, slots=True, order=True)
class Taking:
    """A stretch of one resource (a practitioner, a room, a patient) that a place occupies."""

    resource: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Place:
    """One way to hold an affected session.

    taken: what it occupies. moved: whether its time changes for the patient; another practitioner
    or room at the same time moves nobody. days_off: from the day that the plan aims at.
    inconvenience: 0 to 3, for places that are alike in everything else.
    """

    taken: tuple[Taking, ...]
    moved: bool
    days_off: int
    other_practitioner: bool
    inconvenience: int = 0

    @property
    def cost(self) -> int:
        """Without the patient's move, which counts once however many sessions they have."""
        changed = OTHER_PRACTITIONER if self.other_practitioner else 0
        return self.days_off * DAY_OFF_TARGET + changed + self.inconvenience


@dataclass(frozen=True, slots=True)
class Affected:
    """A session that cannot stay as it is; its places best first, perhaps none."""

    patient: str
    places: tuple[Place, ...]


Choice = tuple[int | None, ...]
"""For each affected session in order: which of its places, or None for none."""


def cost_of(sessions: Sequence[Affected], choice: Choice) -> int:
    """What a choice costs; the lower the better."""
    cost, moved = 0, set()
    for session, chosen in zip(sessions, choice, strict=True):
        if chosen is None:
            cost += WITHOUT_PLACE
            continue
        place = session.places[chosen]
        cost += place.cost
        if place.moved:
            moved.add(session.patient)
    return cost + len(moved) * PATIENT_MOVED


def collisions(sessions: Sequence[Affected], choice: Choice) -> list[tuple[int, int]]:
    """Pairs of sessions whose chosen places overlap on some resource; empty for a sound choice."""
    taken = sorted(
        (taking.resource, taking.begins, taking.ends, position)
        for position, chosen in enumerate(choice)
        if chosen is not None
        for taking in sessions[position].places[chosen].taken
    )
    found = []
    for index, (resource, _, ends, position) in enumerate(taken):
        for later in taken[index + 1 :]:
            if later[0] != resource or later[1] >= ends:
                break
            if later[3] != position:
                found.append((position, later[3]))
    return found
