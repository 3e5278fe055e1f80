"""Side effects as they are read."""

from typing import Any
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Day, Instant
from api.side_effects.investigations import InvestigationResult
from api.side_effects.schemas import DeviceIncident, Shedding
from api.side_effects.submission_schemas import ClockRead, SubmissionRead
from models import Hold, Side, SideEffectFollowUp, SideEffectReview


class EffectHoldRead(Answer):
    """A stop that this side effect opened. Nothing releases itself."""

    id: UUID = Field(description="Identifier.")
    scope: str = Field(
        description="session, area, formula, ingredient, lot, plan or patient.", examples=["plan"]
    )
    effect: str = Field(description="`block`, or `override`: a prescriber may override it.")
    plan_id: UUID | None = Field(description="The plan it is about, where there is one.")
    area: str | None = Field(description="Area code, where an area is held.")
    formula_id: UUID | None = Field(description="Formula, where one is held.")
    ingredient_code: str | None = Field(description="Code of the ingredient.")
    lot_id: UUID | None = Field(description="The lot.")
    reason_code: str = Field(description="The trigger that opened it.", examples=["grade_2"])
    release_role: str = Field(description="Who may release it.", examples=["prescriber"])
    release_criteria: str | None = Field(description="What must be so before it is released.")
    release_after_days: int | None = Field(
        description="How long it must be over before anybody but the medical director may release."
    )
    permanent: bool = Field(description="Must not be given to this patient again.")
    due_at: Instant | None = Field(description="By when somebody should have looked.")
    opened_at: Instant = Field(description="When it was opened.")
    released_at: Instant | None = Field(description="null: in force.")

    @classmethod
    def of(cls, hold: Hold) -> "EffectHoldRead":
        return cls.model_validate(hold)


class TriggerRead(Answer):
    """One row of the escalation table that applies."""

    trigger: str = Field(description="Code of the row.", examples=["grade_2"])
    name: str = Field(description="In words.", examples=["Grade 2, unresolved"])
    effect: str = Field(description="none, task, hold or block.")
    scopes: list[str] = Field(description="What is held.")
    release_role: str | None = Field(description="Who may undo it.")
    release_criteria: str = Field(description="What must be so before it is released.")
    target: str = Field(description="By when, in words.", examples=["1 working day"])
    due_at: Instant | None = Field(description="The same as an instant, where it is a fixed span.")
    tasks: list[str] = Field(description="What is to be done.", examples=[["review"]])
    source: str = Field(description="Where it comes from.")
    evidence: str = Field(description="Evidence mark.")


class EscalationRead(Answer):
    """What the report means for the treatment (the escalation table)."""

    effect: str = Field(description="The strongest effect: none, task, hold or block.")
    triggers: list[TriggerRead] = Field(description="Strongest first.")
    tasks: list[str] = Field(description="All tasks together.")


class FirstReport(Answer):
    """What the first report said, where follow-ups have changed it since."""

    grade: int = Field(description="CTCAE grade 1–5.")
    outcome: str | None = Field(description="How it stood.")
    action_taken: str | None = Field(description="What was done about the treatment.")
    treatment: str | None = Field(description="How the effect was treated.")
    ended_at: Instant | None = Field(description="When it was over; null: it goes on.")
    seriousness: list[str] = Field(description="Criteria of seriousness that are met.")
    suspect_ingredient_codes: list[str] = Field(description="Ingredients under suspicion.")


class FollowUpRead(Answer):
    """One entry of what happened later."""

    id: UUID = Field(description="Identifier.")
    noted_at: Instant = Field(description="When it was noted.")
    text: str = Field(description="What was new.")
    grade: int | None = Field(description="CTCAE grade 1–5.")
    outcome: str | None = Field(description="How it stood.")
    action_taken: str | None = Field(description="What was done about the treatment.")
    treatment: str | None = Field(description="How the effect was treated.")
    ended_at: Instant | None = Field(description="When it was over; null: it goes on.")
    shedding_score: int | None = Field(description="Score on `shedding_scale`.")
    shedding_scale: str | None = Field(description="Scale of the score.")
    significant: bool = Field(description="Changes the picture enough to be reported further.")
    seriousness: list[str] = Field(description="Criteria that it added.")
    suspect_ingredient_codes: list[str] = Field(description="Suspects that it added.")
    results: list[InvestigationResult] = Field(description="Results that it brought.")
    recorded_by: UUID = Field(description="Staff member or API key that entered it.")
    recorded_at: Instant = Field(description="When it was entered.")

    @classmethod
    def of(cls, row: SideEffectFollowUp, added: dict[str, Any]) -> "FollowUpRead":
        """added: what the follow-up added to lists of the side effect."""
        lists = ("seriousness", "suspect_ingredient_codes", "results")
        extra = {key: added.get(key, []) for key in lists}
        return cls.model_validate(row.model_dump() | extra)


class ReviewRead(Answer):
    """A causality judgement. Neither scale is a measurement."""

    id: UUID = Field(description="Identifier.")
    causality: str = Field(description="WHO-UMC category.", examples=["possible"])
    naranjo_answers: tuple[str, ...] = Field(
        description="Ten answers in the order of the questions; empty: not asked."
    )
    naranjo_score: int | None = Field(description="−4 to 13, from the answers.")
    naranjo_category: str | None = Field(
        None, description="definite ≥ 9, probable 5–8, possible 1–4, doubtful ≤ 0."
    )
    comment: str = Field(description="Why.")
    reviewed_by: UUID = Field(description="Staff member who judged.")
    reviewed_at: Instant = Field(description="When it was judged.")

    @classmethod
    def of(cls, row: SideEffectReview, category: str | None) -> "ReviewRead":
        return cls.model_validate(row.model_dump() | {"naranjo_category": category})


class SideEffectRead(Answer):
    """A side effect as it stands now."""

    id: UUID = Field(description="Identifier.")
    patient_id: UUID = Field(description="Who has it.")
    session_id: UUID | None = Field(description="The performed session that is suspected.")
    plan_id: UUID | None = Field(description="The plan it is about, where there is one.")
    formula_version_id: UUID | None = Field(
        description="Formula version that was given in the suspected session."
    )
    code: str = Field(description="Term of the catalogue.", examples=["AE_SHED_EARLY"])
    term: str = Field(description="The catalogue's words for the code.")
    term_text: str | None = Field(description="In the reporter's words.")
    grade: int = Field(description="As it stands now, on `grade_scale`.")
    grade_text: str | None = Field(
        description="What the grade means for this term; null: the scale has no such grade."
    )
    grade_scale: str = Field(description="Scale of `grade`.", examples=["CTCAE"])
    grade_scale_version: str = Field(description="Version of the scale.", examples=["5.0"])
    state: str = Field(description="open, under_review, resolved or entered_in_error.")
    possible: list[str] = Field(description="The moves that it has now.")
    started_at: Instant | None = Field(description="Onset, where it is known.")
    onset_known: bool = Field(description="false: only when it was first noticed is known.")
    first_noticed_on: Day | None = Field(description="Local day on which it was first noticed.")
    onset_on: Day | None = Field(description="The local day that windows are counted from.")
    ended_at: Instant | None = Field(description="When it was over; null: it goes on.")
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
    review_overdue: bool = Field(
        description="Nobody has reviewed it as it stands now, although `review_due_at` is past."
    )
    areas: tuple[str, ...] = Field(description="Area codes.")
    sides: dict[str, Side] = Field(description="Side of an area, by its code.")
    location_detail: str | None = Field(description="Where exactly, in words.")
    description: str = Field(description="What was seen or told.")
    reported_by: str = Field(description="`patient` or `staff`.")
    reported_at: Instant = Field(description="When it was reported.")
    recorded_by: UUID = Field(description="Staff member or API key that entered it.")
    seriousness: tuple[str, ...] = Field(description="Criteria of seriousness that are met.")
    serious: bool = Field(description="Some criterion of seriousness is met.")
    suspect_ingredient_codes: tuple[str, ...] = Field(description="Ingredients under suspicion.")
    suspect_lot_ids: tuple[UUID, ...] = Field(description="Lots that the reporter named.")
    action_taken: str | None = Field(description="What was done about the treatment.")
    treatment: str | None = Field(description="How the effect was treated.")
    outcome: str | None = Field(description="How it stood.")
    contributing_factors: tuple[str, ...] = Field(description="What else may explain it.")
    photos_taken: bool = Field(description="Photographs were taken.")
    draining: bool = Field(description="A lump, an abscess or drainage is there.")
    device_incident: DeviceIncident | None = Field(
        description="Worst kind of incident, where a medical device is under suspicion."
    )
    shedding: Shedding | None = Field(description="For hair loss: as last told.")
    shedding_severity: str | None = Field(
        description="S0 to S4, from the scores and signs; null for another term.", examples=["S1"]
    )
    day0_on: Day | None = Field(description="The four minimum criteria of a case were known.")
    report_due_on: Day | None = Field(description="Internal target for reporting the case.")
    review_due_at: Instant | None = Field(description="By when somebody should have looked.")
    causality: str | None = Field(description="Latest WHO-UMC judgement.")
    resolved_at: Instant | None = Field(description="When it was resolved.")
    resolved_by: UUID | None = Field(description="Staff member who resolved it.")
    resolution: str | None = Field(description="What the resolution rests on.")
    sequelae: str | None = Field(description="What remains.")
    entered_in_error_at: Instant | None = Field(description="When it was marked as wrong.")
    entered_in_error_by: UUID | None = Field(description="Staff member who marked it.")
    entered_in_error_reason: str | None = Field(description="Why the report is wrong.")
    decision_id: UUID | None = Field(description="The latest decision of the rules about it.")
    first_report: FirstReport = Field(description="What follow-ups have changed since.")
    version: int = Field(description="Row version, as in the ETag.")
    created_at: Instant = Field(description="When the row was made.")
    updated_at: Instant = Field(description="When the row last changed.")


class SideEffectDetail(SideEffectRead):
    """A side effect with all that followed."""

    holds: list[EffectHoldRead] = Field(description="All that it opened, oldest first.")
    follow_ups: list[FollowUpRead] = Field(description="Oldest first.")
    reviews: list[ReviewRead] = Field(description="Oldest first.")
    clocks: list[ClockRead] = Field(description="Reporting clocks, oldest first.")
    submissions: list[SubmissionRead] = Field(description="Oldest first.")


class SideEffectReported(SideEffectDetail):
    """The report or follow-up as it was kept, and what it means for the treatment."""

    escalation: EscalationRead = Field(description="What it means for the treatment.")
    findings: tuple[FindingRead, ...] = Field(
        description="What the rules found; none of them refuses a report."
    )
