"""Side effects as they are read."""

from typing import Any
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Day, Instant
from api.side_effects.schemas import Shedding
from models import Hold, Side, SideEffectFollowUp, SideEffectReview


class HoldRead(Answer):
    """A stop that this side effect opened. Nothing releases itself."""

    id: UUID
    scope: str = Field(
        description="session, area, formula, ingredient, lot, plan or patient.", examples=["plan"]
    )
    effect: str = Field(description="`block`, or `override`: a prescriber may override it.")
    plan_id: UUID | None
    area: str | None
    formula_id: UUID | None
    ingredient_code: str | None
    lot_id: UUID | None
    reason_code: str = Field(description="The trigger that opened it.", examples=["grade_2"])
    release_role: str = Field(description="Who may release it.", examples=["prescriber"])
    release_criteria: str | None
    permanent: bool = Field(description="Must not be given to this patient again.")
    due_at: Instant | None = Field(description="By when somebody should have looked.")
    opened_at: Instant
    released_at: Instant | None = Field(description="null: in force.")

    @classmethod
    def of(cls, hold: Hold) -> "HoldRead":
        return cls.model_validate(hold)


class TriggerRead(Answer):
    """One row of the escalation table that applies."""

    trigger: str = Field(examples=["grade_2"])
    name: str = Field(examples=["Grade 2, unresolved"])
    effect: str = Field(description="none, task, hold or block.")
    scopes: list[str] = Field(description="What is held.")
    release_role: str | None = Field(description="Who may undo it.")
    release_criteria: str
    target: str = Field(description="By when, in words.", examples=["1 working day"])
    due_at: Instant | None = Field(description="The same as an instant, where it is a fixed span.")
    tasks: list[str] = Field(description="What is to be done.", examples=[["review"]])
    source: str
    evidence: str


class EscalationRead(Answer):
    """What the report means for the treatment (the escalation table)."""

    effect: str = Field(description="The strongest effect: none, task, hold or block.")
    triggers: list[TriggerRead] = Field(description="Strongest first.")
    tasks: list[str] = Field(description="All tasks together.")


class FirstReport(Answer):
    """What the first report said, where follow-ups have changed it since."""

    grade: int
    outcome: str | None
    action_taken: str | None
    treatment: str | None
    ended_at: Instant | None
    seriousness: list[str]
    suspect_ingredient_codes: list[str]


class FollowUpRead(Answer):
    """One entry of what happened later."""

    id: UUID
    noted_at: Instant
    text: str
    grade: int | None
    outcome: str | None
    action_taken: str | None
    treatment: str | None
    ended_at: Instant | None
    shedding_score: int | None
    shedding_scale: str | None
    significant: bool
    seriousness: list[str] = Field(description="Criteria that it added.")
    suspect_ingredient_codes: list[str] = Field(description="Suspects that it added.")
    recorded_by: UUID
    recorded_at: Instant

    @classmethod
    def of(cls, row: SideEffectFollowUp, added: dict[str, Any]) -> "FollowUpRead":
        """added: what the follow-up added to lists of the side effect."""
        extra = {key: added.get(key, []) for key in ("seriousness", "suspect_ingredient_codes")}
        return cls.model_validate(row.model_dump() | extra)


class ReviewRead(Answer):
    """A causality judgement. Neither scale is a measurement."""

    id: UUID
    causality: str = Field(description="WHO-UMC category.", examples=["possible"])
    naranjo_answers: tuple[str, ...]
    naranjo_score: int | None = Field(description="−4 to 13, from the answers.")
    naranjo_category: str | None = Field(
        None, description="definite ≥ 9, probable 5–8, possible 1–4, doubtful ≤ 0."
    )
    comment: str
    reviewed_by: UUID
    reviewed_at: Instant

    @classmethod
    def of(cls, row: SideEffectReview, category: str | None) -> "ReviewRead":
        return cls.model_validate(row.model_dump() | {"naranjo_category": category})


class SideEffectRead(Answer):
    """A side effect as it stands now."""

    id: UUID
    patient_id: UUID
    session_id: UUID | None = Field(description="The performed session that is suspected.")
    plan_id: UUID | None
    formula_version_id: UUID | None
    code: str = Field(examples=["AE_SHED_EARLY"])
    term: str = Field(description="The catalogue's words for the code.")
    term_text: str | None
    grade: int = Field(description="As it stands now, on `grade_scale`.")
    grade_scale: str = Field(examples=["CTCAE"])
    grade_scale_version: str = Field(examples=["5.0"])
    state: str = Field(description="open, under_review, resolved or entered_in_error.")
    possible: list[str] = Field(description="The moves that it has now.")
    started_at: Instant | None
    onset_known: bool
    first_noticed_on: Day | None
    onset_on: Day | None = Field(description="The local day that windows are counted from.")
    ended_at: Instant | None
    days_since_session: int | None = Field(
        description="Calendar days in the clinic's zone from the suspected session, which is the "
        "most recent performed one unless another was named, to the onset; null without one."
    )
    expected: bool | None = Field(
        description="Within the catalogue's onset window; null: it cannot be said."
    )
    expected_because: str = Field(description="Why, with the window.")
    expected_end_on: Day | None = Field(
        description="By when the catalogue expects it to be over; null: no usual end."
    )
    overdue: bool = Field(description="Not over, although past `expected_end_on`.")
    areas: tuple[str, ...]
    sides: dict[str, Side]
    location_detail: str | None
    description: str
    reported_by: str
    reported_at: Instant
    recorded_by: UUID = Field(description="Staff member or API key that entered it.")
    seriousness: tuple[str, ...]
    serious: bool
    suspect_ingredient_codes: tuple[str, ...]
    suspect_lot_ids: tuple[UUID, ...]
    action_taken: str | None
    treatment: str | None
    outcome: str | None
    contributing_factors: tuple[str, ...]
    photos_taken: bool
    draining: bool
    shedding: Shedding | None
    day0_on: Day | None = Field(description="The four minimum criteria of a case were known.")
    report_due_on: Day | None = Field(description="Internal target for reporting the case.")
    review_due_at: Instant | None = Field(description="By when somebody should have looked.")
    causality: str | None = Field(description="Latest WHO-UMC judgement.")
    resolved_at: Instant | None
    resolved_by: UUID | None
    resolution: str | None
    sequelae: str | None
    entered_in_error_at: Instant | None
    entered_in_error_by: UUID | None
    entered_in_error_reason: str | None
    decision_id: UUID | None
    first_report: FirstReport = Field(description="What follow-ups have changed since.")
    version: int
    created_at: Instant
    updated_at: Instant


class SideEffectDetail(SideEffectRead):
    """A side effect with all that followed."""

    holds: list[HoldRead] = Field(description="All that it opened, oldest first.")
    follow_ups: list[FollowUpRead] = Field(description="Oldest first.")
    reviews: list[ReviewRead] = Field(description="Oldest first.")


class SideEffectReported(SideEffectDetail):
    """The report or follow-up as it was kept, and what it means for the treatment."""

    escalation: EscalationRead
    findings: tuple[FindingRead, ...]


class CatalogueEntry(Answer):
    """A term of the side-effect catalogue with its windows in days since the latest session."""

    code: str = Field(examples=["AE_SHED_EARLY"])
    name: str
    ctcae_terms: tuple[str, ...]
    meddra: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    snomed: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    frequency: str = Field(description="Known frequency, in words with its source.")
    onset_from_days: int | None
    onset_to_days: int | None = Field(description="Inclusive.")
    onset: str = Field(description="The same in words.", examples=["7–56"])
    end_days: int | None = Field(description="Expected to be over by then; null: no usual end.")
    end: str = Field(description="The same in words.", examples=["90 after onset"])
    end_counted_from: str = Field(description="`session` or `onset`.")
    may_be_permanent: bool
    red_flag: str = Field(description="Red flag, or first action.")
    kinds: tuple[str, ...]
    source: str
    evidence: str


class Catalogue(Answer):
    """The terms in force. Every figure is a default, to be confirmed by the medical director."""

    rule_set_version: str
    note: str
    items: list[CatalogueEntry]
