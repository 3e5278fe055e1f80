"""Reporting clocks and submissions on the wire."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.decisions.schemas import FindingRead
from api.fields import Answer, Body, Day, Instant, Line, Note
from api.paging import PageQuery
from models import RecipientKind, ReportClock, ReportDecision, ReportSubmission

ClockCode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z_]{3,40}$"),
    Field(description="A reporting clock of the rule set.", examples=["serious"]),
]
Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}$"),
    Field(description="ISO 3166 country code of the duty.", examples=["FR"]),
]


class Method(StrEnum):
    """How it was sent."""

    PORTAL = "portal"
    E2B = "e2b"
    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    OTHER = "other"


_SENT: dict[str, Any] = {
    "recipient_kind": "authority",
    "recipient": "National medicines agency",
    "jurisdiction": "FR",
    "submitted_on": "2026-03-12",
    "reference": "PV-2026-00417",
    "method": "portal",
}


class SubmissionCreate(Body):
    """What became of the duty to report: sent to somebody, or not required and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENT]})

    decision: ReportDecision = Field(
        ReportDecision.SUBMITTED, description="`not_required` needs a person and a `comment`."
    )
    recipient_kind: RecipientKind | None = Field(
        None, description="Who it was sent to; needed when submitted.", examples=["authority"]
    )
    recipient: Line | None = Field(
        None, description="By name; needed when submitted.", examples=["National medicines agency"]
    )
    jurisdiction: Country | None = None
    submitted_on: Day | None = Field(None, description="Local day; today if not given.")
    clock: ClockCode | None = Field(
        None, description="The running clock that it answers; all that run if not given."
    )
    reference: Line | None = Field(
        None, description="The recipient's reference.", examples=["PV-2026-00417"]
    )
    method: Method | None = Field(None, description="How it was sent.")
    late_because: Note | None = Field(
        None,
        description="Why it comes after its due day; needed then.",
        examples=["The lot number was only found on 20 March."],
    )
    comment: Note | None = Field(
        None, description="Remarks.", examples=["Voluntary report; labelled reaction."]
    )


class ClockRead(Answer):
    """One reporting clock. Its days are an internal target, from the rule set in force."""

    id: UUID = Field(description="Identifier.")
    code: str = Field(description="Which clock.", examples=["serious"])
    started_on: Day = Field(description="Day 0: local day on which the case was known.")
    due_on: Day = Field(description="Last local day to report.")
    follow_up_id: UUID | None = Field(description="Information that started it; null: the first.")
    submission_id: UUID | None = Field(description="What settled it; null: no submission did.")
    settled_at: Instant | None = Field(description="null: it runs.")
    settled_because: str | None = Field(description="Why it no longer runs.")
    overdue: bool = Field(description="It runs, and its last day is over.")

    @classmethod
    def of(cls, clock: ReportClock, today: date) -> Self:
        """The clock as it stands on the clinic's day `today`."""
        overdue = clock.settled_at is None and today > clock.due_on
        return cls.model_validate(clock.model_dump() | {"overdue": overdue})


class SubmissionRead(Answer):
    """One report that was sent, or why none is required."""

    id: UUID = Field(description="Identifier.")
    decision: ReportDecision = Field(description="`submitted` or `not_required`.")
    recipient_kind: RecipientKind | None = Field(description="Who it was sent to.")
    recipient: str | None = Field(description="By name.")
    jurisdiction: str | None = Field(description="ISO 3166 country code of the duty.")
    submitted_on: Day = Field(description="Local day on which it was sent or decided.")
    due_on: Day | None = Field(description="Last day of the clock it answered; null: none ran.")
    reference: str | None = Field(description="The recipient's reference.")
    method: str | None = Field(description="How it was sent.")
    late_because: str | None = Field(description="Why it came after its due day.")
    comment: str | None = Field(description="Remarks.")
    recorded_by: UUID = Field(description="Staff member or API key that entered it.")
    recorded_at: Instant = Field(description="When it was entered.")
    entered_in_error_at: Instant | None = Field(description="When it was marked as wrong.")
    entered_in_error_by: UUID | None = Field(description="Who marked it.")
    entered_in_error_reason: str | None = Field(description="Why it is wrong.")

    @classmethod
    def of(cls, row: ReportSubmission) -> Self:
        return cls.model_validate(row.model_dump())


class Submitted(Answer):
    """The submission as kept, the clocks it settled, and what the rules found."""

    submission: SubmissionRead = Field(description="As kept.")
    settled: list[ClockRead] = Field(description="Clocks that it settled; none may have run.")
    findings: tuple[FindingRead, ...] = Field(
        description="What the rules found; none of them refuses a submission."
    )


class ReportsQuery(PageQuery):
    """Filters of the worklist."""

    overdue: bool | None = Field(
        None, description="`true`: the last day is over; `false`: it is not."
    )
    due_before: Day | None = Field(None, description="Due before this local day.")
    clock: ClockCode | None = None
    patient_id: UUID | None = Field(None, description="Cases of this patient.")


class ReportDue(Answer):
    """A case that waits to be reported."""

    id: UUID = Field(description="Identifier of the clock.")
    side_effect_id: UUID = Field(description="The side effect.")
    patient_id: UUID = Field(description="Who has it.")
    patient_record_number: str = Field(description="Identifies the patient in the clinic only.")
    code: str = Field(description="Term of the catalogue.", examples=["AE_ANAPHYLAXIS"])
    term: str = Field(description="The catalogue's words for the code.")
    grade: int = Field(description="As it stands now.")
    seriousness: tuple[str, ...] = Field(description="Criteria of seriousness that are met.")
    expected: bool | None = Field(description="Within the catalogue's windows; null: not known.")
    state: str = Field(description="open, under_review or resolved.")
    clock: str = Field(description="Which clock.", examples=["serious"])
    clock_name: str = Field(description="In words.", examples=["Serious"])
    started_on: Day = Field(description="Day 0.")
    due_on: Day = Field(description="Last local day to report.")
    days_left: int = Field(description="Local days to `due_on`; negative: days overdue.")
    overdue: bool = Field(description="`due_on` is over.")
    follow_up_id: UUID | None = Field(description="Information that started it; null: the first.")
