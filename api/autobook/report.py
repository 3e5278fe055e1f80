"""What came of a run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Booked:
    """A session that is booked; in a dry run, one that would be, and session_id is None.

    replayed: an earlier run of this day had booked it already.
    """

    plan_id: str
    patient_id: str
    record_number: str | None
    session_number: int
    starts_at: str
    ends_at: str
    local_starts_at: str
    practitioner_id: str
    room_id: str | None
    why: str
    session_id: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class ForPerson:
    """A plan that this script leaves to a person.

    code: `follow_up`, `lapsed`, `no_slot`, `refused_by_rules`, `not_possible`, `changed` or
    `contended` (others were faster, each time). rules: codes of the rules that stand in the way,
    most telling first.
    """

    plan_id: str
    patient_id: str
    record_number: str | None
    status: str
    priority: str
    code: str
    reason: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A plan about which the server gave no usable answer."""

    plan_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A plan that was due when the run began, and needs nothing any more."""

    plan_id: str
    reason: str


Outcome = Sequence[Booked] | ForPerson | Settled | Failed


@dataclass(slots=True)
class Report:
    """Everything that came of a run. left: plans that were due and not looked at."""

    clinic: str
    on: date
    dry_run: bool
    due: int = 0
    left: int = 0
    booked: list[Booked] = field(default_factory=list)
    for_person: list[ForPerson] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    stopped: str | None = None
    requests: int = 0
    retries: int = 0
    waited_seconds: int = 0

    @property
    def ok(self) -> bool:
        """Whether the run got through; plans left to a person are no failure."""
        return self.stopped is None and not self.failed

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, ForPerson):
            self.for_person.append(outcome)
        elif isinstance(outcome, Settled):
            self.settled.append(outcome)
        elif isinstance(outcome, Failed):
            self.failed.append(outcome)
        else:
            self.booked.extend(outcome)

    def document(self) -> dict[str, Any]:
        """One JSON object for a script."""
        return {"ok": self.ok, **asdict(self), "on": self.on.isoformat()}
