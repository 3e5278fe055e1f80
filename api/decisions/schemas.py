"""Findings as they are read, and the answers that a request may give to them."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from api.fields import Answer, Body, Note
from rules.finding import Finding

ResolvedBy = Literal["override", "acknowledgement"]
RuleCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z0-9]{2,12}(-[A-Z0-9]{1,16}){1,4}$"),
    Field(description="Code of a rule; see /v1/rules.", examples=["SPACING-MIN-INTERVAL"]),
]
ReasonCode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z_]{2,39}$"),
    Field(
        description="Coded reason; the usual ones are at /v1/rules/override-reasons.",
        examples=["clinical_judgement"],
    ),
]
Pointer = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_~\-]{1,60}){1,8}$")]
Comment = Annotated[
    Note,
    Field(
        min_length=20,
        description="Why this is right for this patient, in 20 characters or more.",
        examples=["Travelling; agreed with the patient after examination."],
    ),
]


class OverrideIn(Body):
    """A person's answer to a finding that may be overridden."""

    code: RuleCode
    reason: ReasonCode
    comment: Comment
    pointer: Pointer | None = Field(
        None,
        description="Which finding of that code; without it, all of them.",
        examples=["/areas/0/volume_ml"],
    )


class Answers(Body):
    """What every rule-checked request may carry; request bodies inherit it."""

    overrides: tuple[OverrideIn, ...] = Field(
        (),
        max_length=50,
        description="Answers to findings of severity `override`; needs the role they name.",
    )
    acknowledged: tuple[RuleCode, ...] = Field(
        (),
        max_length=50,
        description="Codes of the warnings (severity `warn`) that the caller has read.",
        examples=[["SPACING-MAX-GAP"]],
    )


class FindingRead(Answer):
    """One thing that stands in the way, or should be known."""

    code: str = Field(description="Code of the rule.", examples=["DOSE-CONC-MAX"])
    outcome: Literal["pass", "fail", "not_applicable", "not_evaluable"] = Field(
        description="`not_evaluable`: an input is missing, so the rule could not be checked."
    )
    severity: Literal["block", "override", "warn", "info"] = Field(
        description="`block` cannot be overridden; `override` by a person of `override_role`;"
        " `warn` must be acknowledged; `info` is only told."
    )
    title: str = Field(examples=["Concentration in the mixture"])
    message: str = Field(
        description="In plain words, with values and units.",
        examples=["MINOXIDIL: 5.3333 mg/mL in the mixture; the maximum is 5 mg/mL."],
    )
    pointer: str | None = Field(
        description="JSON pointer to the offending input, where there is one.",
        examples=["/components/0"],
    )
    measured: str | None = Field(
        description="What was found, a decimal in `unit`.", examples=["5.3333"]
    )
    limit: str | None = Field(description="What is allowed, inclusive, in `unit`.", examples=["5"])
    unit: str | None = Field(description="Unit of both figures.", examples=["mg/mL"])
    source: str = Field(description="Where the limit comes from.", examples=["[UZEL]"])
    evidence: str = Field(description="Evidence mark of the limit.", examples=["RCT"])
    remedy: str = Field(description="What helps.", examples=["Dilute, or reduce the dose."])
    first_day: date | None = Field(
        description="For spacing: the first later day on which this rule passes."
    )
    override_role: str | None = Field(
        description="Who may override: `prescriber` (practitioner or medical director) or"
        " `medical_director`; null where nobody may or needs to."
    )
    second_person: bool = Field(
        description="The one who overrides may not be the one who proposed it."
    )
    resolved_by: ResolvedBy | None = Field(
        None, description="How it was answered; null while it is not."
    )

    @classmethod
    def of(cls, finding: Finding, resolved_by: ResolvedBy | None = None) -> Self:
        """The finding as an answer shows it."""
        return cls(
            code=finding.code,
            outcome=finding.outcome.value,
            severity=finding.severity.value,
            title=finding.title,
            message=finding.message,
            pointer=finding.pointer,
            measured=finding.measured,
            limit=finding.limit,
            unit=finding.unit,
            source=finding.source,
            evidence=finding.evidence,
            remedy=finding.remedy,
            first_day=finding.first_day,
            override_role=finding.override_role,
            second_person=finding.second_person,
            resolved_by=resolved_by,
        )
