"""What happened afterwards."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded, codes
from models.keys import belongs_to, indexed, ordered, together, within


class SideEffectState(StrEnum):
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    RESOLVED = "resolved"
    ENTERED_IN_ERROR = "entered_in_error"


class Reporter(StrEnum):
    PATIENT = "patient"
    STAFF = "staff"


class Expectedness(StrEnum):
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    NOT_EVALUABLE = "not_evaluable"


class SideEffect(ClinicalRecord, table=True):
    """A reported side effect, tied to what was given, where, and how long before.

    `grade` 1–5 on `grade_scale`. `started_at` null with `onset_known` false means "unknown,
    first noticed" on `first_noticed_on`; `onset_on` is the local day that windows are counted
    from, and `days_since_session` the days from the suspect session to it. `expected` is what
    the catalogue's windows said when it was reported. `details` is a canonical JSON object of
    what only this term needs (the shedding extras). `day0_on` is the day on which the four
    minimum criteria were known and the first reporting clock started; `report_clock_on` and
    `report_due_on` are the first and last day of the clock that runs now, or ran last, and
    `report_submitted_on` is when that one was settled by a submission.
    """

    __tablename__ = "side_effect"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session", "patient_id"),
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        belongs_to("formula_version_id", "formula_version"),
        belongs_to("decision_id", "decision"),
        within("grade", 1, 5),
        within("days_since_session", -36_500, 36_500),
        ordered("started_at", "ended_at"),
        retractable(),
        CheckConstraint(
            "(state = 'entered_in_error') = (entered_in_error_at IS NOT NULL)",
            name="error_state",
        ),
        CheckConstraint("state <> 'resolved' OR resolved_at IS NOT NULL", name="resolved_when"),
        together("resolved_at", "resolved_by", name="resolution_whole"),
        indexed("patient_id", "onset_on"),
        indexed("session_id"),
        indexed("plan_id", "state"),
        indexed("state", "grade"),
        indexed("code", "onset_on"),
        indexed("reported_at"),
    )

    code: str
    term_text: str | None = None
    session_id: UUID | None = None
    plan_id: UUID | None = None
    formula_version_id: UUID | None = None
    areas: tuple[str, ...] = codes()
    location_detail: str | None = None
    started_at: datetime | None = None
    onset_known: bool = True
    first_noticed_on: date | None = None
    onset_on: date | None = None
    ended_at: datetime | None = None
    grade: int
    grade_scale: str = "CTCAE"
    grade_scale_version: str = "5.0"
    seriousness: tuple[str, ...] = codes()
    description: str
    reported_by: Reporter = coded(Reporter, "reported_by")
    reported_at: datetime
    suspect_ingredient_codes: tuple[str, ...] = codes()
    suspect_lot_ids: tuple[str, ...] = codes()
    days_since_session: int | None = None
    expected: Expectedness = coded(Expectedness, "expected", default=Expectedness.NOT_EVALUABLE)
    action_taken: str | None = None
    treatment: str | None = None
    outcome: str | None = None
    contributing_factors: tuple[str, ...] = codes()
    photos_taken: bool = False
    details: str | None = None
    day0_on: date | None = None
    report_clock_on: date | None = None
    report_due_on: date | None = None
    report_submitted_on: date | None = None
    review_due_at: datetime | None = None
    state: SideEffectState = coded(SideEffectState, "state", default=SideEffectState.OPEN)
    causality: str | None = None
    resolved_at: datetime | None = None
    resolved_by: UUID | None = None
    resolution: str | None = None
    decision_id: UUID | None = None
