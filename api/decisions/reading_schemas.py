"""Decisions and rules as they are read."""

from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Day, Instant
from api.paging import PageQuery
from models import ActorKind, Decision, DecisionOutcome, DecisionStage, OverrideKind

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
Outcome = Literal["allowed", "needs_acknowledgement", "needs_override", "refused"]


class DecisionQuery(PageQuery):
    """Which decisions; all filters together."""

    subject_id: UUID | None = Field(
        None, description="The session, plan, formula version or side effect decided about."
    )
    patient_id: UUID | None = Field(None, description="Decisions about this patient.")
    stage: DecisionStage | None = Field(None, description="When it was asked.")
    verdict: DecisionOutcome | None = Field(
        None, description="What the findings asked for by themselves."
    )


class DecisionSummary(Answer):
    """One line of the list."""

    id: UUID = Field(description="Of this decision.", examples=[_ID])
    stage: DecisionStage = Field(description="When it was asked.", examples=["scheduling"])
    subject_kind: str = Field(
        description="`formula_version`, `plan`, `session` or `side_effect`.", examples=["session"]
    )
    subject_id: UUID | None = Field(description="What was decided about.", examples=[_ID])
    patient_id: UUID | None = Field(description="The patient, if there is one.", examples=[_ID])
    verdict: Outcome = Field(
        description="What the worst finding asked for by itself.", examples=["needs_override"]
    )
    decided_at: Instant = Field(description="When, UTC.")
    decided_by: UUID | None = Field(
        description="The staff member or API key that asked.", examples=[_ID]
    )
    decided_by_kind: ActorKind = Field(description="What that id is of.", examples=["staff"])

    @classmethod
    def of(cls, row: Decision) -> Self:
        """From its row."""
        return cls(**_summary(row))


def _summary(row: Decision) -> dict[str, Any]:
    names = set(DecisionSummary.model_fields) - {"verdict"}
    return row.model_dump(include=names) | {"verdict": row.outcome.value}


class AnswerGiven(Answer):
    """Who answered for a finding, and why."""

    kind: OverrideKind = Field(description="An override, or a warning read.")
    code: str = Field(description="The rule.", examples=["SPACING-MIN-INTERVAL"])
    pointer: str | None = Field(description="Which finding of it, where it has a place.")
    reason: str | None = Field(description="Coded reason.", examples=["clinical_judgement"])
    comment: str | None = Field(description="In words.")
    role: str | None = Field(description="The role it was given in.", examples=["medical_director"])
    decided_by: UUID = Field(description="Who.", examples=[_ID])
    decided_by_name: str | None = Field(
        description="Display name; null for an API key.", examples=["Dr Ines Duval"]
    )
    decided_at: Instant = Field(description="When, UTC.")


class RuleAsked(Answer):
    """How one rule came out, passes included."""

    code: str = Field(examples=["DOSE-ABS-MAX"])
    title: str = Field(examples=["Session dose above the maximum"])
    outcome: Literal["pass", "fail", "not_applicable", "not_evaluable"]
    severity: Literal["block", "override", "warn", "info"] | None = Field(
        description="The worst of its findings; null where there is none."
    )


class RuleSetUsed(Answer):
    """The version of the figures that judged."""

    id: UUID = Field(examples=[_ID])
    number: int = Field(description="The clinic's version, from 1.", examples=[1])
    label: str = Field(examples=["reference-2026.1"])
    valid_from: Day = Field(description="First local day on which it judges.")
    content_hash: str = Field(description="SHA-256 of its document, hexadecimal.")


class DecisionRead(DecisionSummary):
    """One decision, explained: the question, the answer, and everything it rests on."""

    question: str = Field(
        description="What was asked.",
        examples=["May session 3 of the plan take place on 2026-03-16?"],
    )
    outcome: Outcome = Field(
        description="What was left once the answers were counted; `allowed` went ahead."
    )
    explanation: list[str] = Field(
        description="The decision in words, one statement per line, for a physician to read."
    )
    findings: list[FindingRead] = Field(description="Worst first; empty where nothing was found.")
    answers: list[AnswerGiven] = Field(description="Overrides and acknowledgements given here.")
    rules: list[RuleAsked] = Field(description="Every rule that was asked, in catalogue order.")
    rule_set: RuleSetUsed = Field(description="The figures that judged.")
    facts: dict[str, Any] | None = Field(
        description="What the rules were told, exactly as kept; integers in the smallest units"
        " (uL, thousandths of a unit per mL, millionths of a unit, g). Null without clinical:read."
    )
    request_id: str | None = Field(description="The request that asked.")


class ReplayRead(Answer):
    """Whether the same facts and figures still give the same decision."""

    identical: bool = Field(description="True where the result is the same byte for byte.")
    decision_id: UUID = Field(examples=[_ID])
    rule_set_number: int = Field(description="The stored version that was used.", examples=[1])
    verdict: Outcome | None = Field(description="Of the replay; null where it cannot be read.")
    differences: list[str] = Field(
        description="Codes of the rules that came out differently; empty where identical."
    )


class RuleParameter(Answer):
    """A figure in force that belongs to a rule."""

    key: str = Field(examples=["consent.valid_days"])
    value: str = Field(description="Decimal, in `unit`.", examples=["365"])
    unit: str = Field(examples=["d"])
    source: str = Field(examples=["365 days, convention; specific consent [MAM-2025]"])
    evidence: str = Field(description="Evidence mark.", examples=["convention"])
    loosenable: bool = Field(description="False marks a hard ceiling.")


class RuleRead(Answer):
    """One rule of the catalogue, with the figures in force today.

    Every figure is a reference default, to be confirmed by the clinic's medical director.
    """

    code: str = Field(examples=["CONSENT-VALID"])
    number: int = Field(description="Its place in the catalogue.", examples=[3])
    title: str = Field(examples=["No valid consent"])
    description: str = Field(description="Why it exists, and what it does.")
    active: bool = Field(description="Whether the rule set in force asks it.")
    stages: list[DecisionStage] = Field(description="When it is asked.")
    severities: list[str] = Field(description="What it may answer, worst first.")
    if_missing: str | None = Field(
        description="How severe a missing input is; null where none can be missing."
    )
    override_role: str | None = Field(
        description="Who may override: `prescriber` or `medical_director`; null: nobody."
    )
    second_person: bool = Field(description="Never the person who proposed it.")
    patient_bound: bool = Field(
        description="At formula approval, only asked where the formula is tied to a patient."
    )
    remedy: str = Field(examples=["Re-consent before treatment"])
    source: str = Field(description="Citation.", examples=["consensus [MAM-2025]"])
    evidence: str = Field(description="Evidence mark.", examples=["consensus"])
    passing: str = Field(description="An example on the passing side of the boundary.")
    failing: str = Field(description="An example on the failing side.")
    parameters: list[RuleParameter] = Field(description="Its figures in force.")
    rule_set: RuleSetUsed = Field(description="Where those figures stand.")


class OverrideReason(Answer):
    """A coded reason, and when to use it."""

    code: str = Field(examples=["clinical_judgement"])
    meaning: str = Field(examples=["Judged right for this patient after examination."])


class OverrideReasons(Answer):
    """The usual reasons; another code of small letters and underscores is accepted too."""

    items: list[OverrideReason]
