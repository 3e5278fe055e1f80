"""How often rules are overridden, as it is asked for and read."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from api.fields import Answer, Day

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class OverrideQuery(BaseModel):
    """The days that are counted, both included; the last 90 unless they are given."""

    model_config = {"extra": "forbid"}

    first_on: Annotated[
        Day | None,
        Field(alias="from", description="First local day; 89 days before `to` unless it is given."),
    ] = None
    last_on: Annotated[
        Day | None, Field(alias="to", description="Last local day; today unless it is given.")
    ] = None


class OverriddenBy(Answer):
    """One person's share of a rule's overrides."""

    staff_id: UUID = Field(description="Who overrode.", examples=[_ID])
    display_name: str = Field(description="Their name.", examples=["Dr Ines Laurent"])
    overrides: int = Field(description="How often.", examples=[3])


class OverriddenFor(Answer):
    """One coded reason's share of a rule's overrides."""

    reason: str = Field(description="The coded reason.", examples=["patient_travel"])
    overrides: int = Field(description="How often.", examples=[2])


class RuleOverridden(Answer):
    """One rule that was overridden in that time."""

    code: str = Field(description="Of the rule.", examples=["SPACING-MIN-INTERVAL"])
    title: str = Field(description="Of the rule.", examples=["Too soon after a session"])
    overrides: int = Field(description="How often it was overridden.", examples=[3])
    decisions: int = Field(
        description="Decisions kept at the stages at which the rule is asked; what was refused"
        " and not done is not kept.",
        examples=[240],
    )
    share: str | None = Field(
        description="Overridden decisions per decision, a decimal rounded to four places; null"
        " where there is none.",
        examples=["0.0125"],
    )
    by: tuple[OverriddenBy, ...] = Field(description="By whom, most often first.")
    reasons: tuple[OverriddenFor, ...] = Field(description="Why, most often first.")


class OverrideSummary(Answer):
    """How often each rule is overridden, by whom and why; most often first."""

    first_on: Day = Field(description="First day counted, in the clinic's calendar.")
    last_on: Day = Field(description="Last day counted.")
    overrides: int = Field(description="Of all rules together.", examples=[7])
    rules: tuple[RuleOverridden, ...] = Field(description="Those overridden at least once.")
