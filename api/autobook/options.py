"""What a run is asked for."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Options:
    """What to book, and for whom.

    on: the clinic's local day of the run; today without it. limit: so many plans at most, those
    that press most. practitioner_id: only this practitioner's plans. course: all remaining
    sessions where that asks for nobody's answer, else the next one alone. rebook: also where a
    session was missed or cancelled, instead of leaving the call to a person.
    """

    on: date | None = None
    limit: int | None = None
    practitioner_id: UUID | None = None
    dry_run: bool = False
    course: bool = False
    rebook: bool = False
