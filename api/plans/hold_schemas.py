"""Holds on the wire."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Body, Instant, Line, Note
from models import Hold, HoldEffect, HoldScope

_CLINICAL = (
    "reason_code", "note", "release_criteria", "release_reason", "side_effect_id",
    "ingredient_code", "area",
)  # fmt: skip


class HoldReason(StrEnum):
    """Why a person stops a plan; holds that rules open carry the codes of the rules."""

    CLINICAL_REVIEW = "clinical_review"
    AWAITING_RESULTS = "awaiting_results"
    PATIENT_REQUEST = "patient_request"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"


class ReleaseRole(StrEnum):
    """Who may release: a prescriber (practitioner or medical director), or only the latter."""

    PRESCRIBER = "prescriber"
    MEDICAL_DIRECTOR = "medical_director"


class HoldOpen(Body):
    """A person stops a plan: nothing is given until it is released."""

    reason: Note = Field(
        description="Why, in words.", examples=["Ferritin result is awaited before going on."]
    )
    reason_code: HoldReason = Field(HoldReason.CLINICAL_REVIEW, description="Why, coded.")
    release_role: ReleaseRole = Field(ReleaseRole.PRESCRIBER, description="Who may release it.")
    release_criteria: Line | None = Field(
        None, description="What must be so before it is released.", examples=["Ferritin is back."]
    )
    due_at: Instant | None = Field(None, description="By when somebody should have looked.")


class HoldRelease(Body):
    """A person lets a held plan go on, and says why."""

    hold_id: UUID | None = Field(
        None, description="Which hold; may be left out where only one is in force."
    )
    reason: Note = Field(
        description="Why it may go on.", examples=["Reviewed; the swelling is gone."]
    )


class HoldRead(Answer):
    """A stop with its scope and who may release it.

    Clinical details are null for callers without `clinical:read`.
    """

    id: UUID = Field(description="The hold.")
    scope: HoldScope = Field(description="What is held.")
    effect: HoldEffect = Field(description="How the escalation table weighs it.")
    patient_id: UUID | None = Field(description="Null where it holds every patient.")
    plan_id: UUID | None = Field(description="The plan, of a hold on a plan.")
    session_id: UUID | None = Field(description="The session, of a hold on one session.")
    area: str | None = Field(
        description="The area, of a hold on an area.", examples=["SCALP_VERTEX"]
    )
    formula_id: UUID | None = Field(description="The formula, of a hold on a formula.")
    ingredient_code: str | None = Field(description="The ingredient, of a hold on one.")
    lot_id: UUID | None = Field(description="The lot, of a hold on a lot.")
    side_effect_id: UUID | None = Field(description="The side effect that led to it.")
    reason_code: str | None = Field(description="Why, coded.", examples=["clinical_review"])
    note: str | None = Field(description="Why, in words.")
    release_role: str = Field(
        description="`prescriber` (practitioner or medical director) or `medical_director`."
    )
    release_criteria: str | None = Field(description="What must be so before its release.")
    release_after_days: int | None = Field(
        description="How long the side effect must be over before anybody but the medical "
        "director may release it."
    )
    permanent: bool = Field(description="Not to be given to this patient again.")
    due_at: Instant | None = Field(description="By when somebody should have looked.")
    opened_at: Instant = Field(description="Since when it holds.")
    opened_by: UUID | None = Field(description="The person; null where a rule opened it.")
    opened_by_rule: str | None = Field(
        description="The rule that opened it.", examples=["AE-HOLD-GRADE"]
    )
    released_at: Instant | None = Field(description="Until when it held.")
    released_by: UUID | None = Field(description="Who released it.")
    release_reason: str | None = Field(description="Why it was released.")
    version: int = Field(description="Row version, as in the ETag.")

    @classmethod
    def of(cls, hold: Hold, *, clinical: bool) -> Self:
        """The hold as this caller may see it."""
        fields = hold.model_dump(include=set(cls.model_fields))
        hidden = {} if clinical else dict.fromkeys(_CLINICAL)
        return cls(**fields | hidden)
