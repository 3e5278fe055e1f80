"""Protocols on the wire."""

import json
from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from api.evidence import Evidence
from api.fields import Answer, Body, Code, Instant, Line, Name, Note
from models import ProtocolPhase, ProtocolState, ProtocolVersion

MAX_SESSIONS = 1000


def _each_once(numbers: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(numbers)) != len(numbers):
        raise PydanticCustomError("repeated", "Give each session number once.")
    return tuple(sorted(numbers))


def _check_order(low: int, target: int, high: int) -> None:
    if not low <= target <= high:
        raise PydanticCustomError(
            "spacing_order", "min_days may not exceed target_days, nor target_days max_days."
        )


Days = Annotated[int, Field(strict=True, ge=1, le=3650, examples=[7])]
SessionCount = Annotated[int, Field(strict=True, ge=1, le=MAX_SESSIONS, examples=[4])]


class Maintenance(Body):
    """What follows the last phase, without end: days between sessions, bounds inclusive."""

    target_days: Days = Field(description="Days that are aimed at.", examples=[84])
    min_days: Days = Field(description="Fewest days allowed, inclusive.", examples=[70])
    max_days: Days = Field(description="Most days allowed, inclusive.", examples=[120])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_order(self.min_days, self.target_days, self.max_days)
        return self


class Phase(Body):
    """A run of sessions with one spacing; the interval precedes each session of the phase.

    The three day counts are null together where the source never published the spacing.
    """

    name: Name = Field(description="Short name of the phase.", examples=["A"])
    sessions: SessionCount = Field(description="How many sessions the phase has.")
    target_days: Days | None = Field(None, description="Days that are aimed at.")
    min_days: Days | None = Field(None, description="Fewest days, inclusive.", examples=[6])
    max_days: Days | None = Field(None, description="Most days, inclusive.", examples=[10])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, target, high = self.min_days, self.target_days, self.max_days
        if low is not None and target is not None and high is not None:
            _check_order(low, target, high)
        elif (low, target, high) != (None, None, None):
            raise PydanticCustomError(
                "spacing_incomplete",
                "Give target_days, min_days and max_days, or none of them where it is not known.",
            )
        return self


class ProtocolVersionCreate(Body):
    """What a protocol says; every version says it whole."""

    phases: tuple[Phase, ...] = Field(min_length=1, max_length=50, description="In order.")
    maintenance: Maintenance | None = Field(None, description="Null where the course just ends.")
    reassess_after_sessions: Annotated[
        tuple[SessionCount, ...], Field(max_length=50), AfterValidator(_each_once)
    ] = Field((), description="Numbers of the sessions after which the result is assessed.")
    reassess: tuple[Line, ...] = Field(
        (), max_length=20, description="When else to assess, in words.", examples=[["week 24"]]
    )
    ingredient_exceptions: dict[Code, Days] = Field(
        default_factory=dict,
        max_length=50,
        description="Days by ingredient code: lowers that ingredient's own minimum interval, once"
        " this version is approved, for plans on this version only.",
        examples=[{"DUTASTERIDE": 6}],
    )
    source: Line | None = Field(None, description="Citation.", examples=["RCT [ABD-2009]"])
    evidence: Evidence | None = Field(None, description="Evidence mark of the spacing.")
    notes: Note | None = Field(None, description="What else to know.")

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if sum(phase.sessions for phase in self.phases) > MAX_SESSIONS:
            raise PydanticCustomError(
                "too_many_sessions", "The phases together hold more than 1000 sessions."
            )
        return self


class ProtocolCreate(ProtocolVersionCreate):
    """A new protocol with its first version, a draft."""

    name: Name = Field(
        description="What people call it.", examples=["Scalp course, weekly then monthly"]
    )
    description: Note | None = Field(None, description="What it is for.")


class Retirement(Body):
    """Why something is no longer to be used."""

    reason: Line = Field(
        description="In words.", examples=["Replaced after the review of our own results."]
    )


class ProtocolVersionRead(Answer):
    """One version of a protocol; frozen once it is no longer a draft."""

    number: int = Field(description="Counted from 1 within the protocol.", examples=[1])
    state: ProtocolState = Field(description="Only an approved one can be started.")
    total_sessions: int = Field(description="Sessions of all phases, without maintenance.")
    phases: tuple[Phase, ...] = Field(description="In order.")
    maintenance: Maintenance | None = Field(description="Null where the course just ends.")
    reassess_after_sessions: tuple[int, ...] = Field(
        description="Numbers of the sessions after which the result is assessed.", examples=[[4, 8]]
    )
    reassess: tuple[str, ...] = Field(
        description="When to assess, in words.", examples=[["week 24"]]
    )
    ingredient_exceptions: dict[str, int] = Field(
        description="Days by ingredient code, lowering its own minimum interval.",
        examples=[{"DUTASTERIDE": 6}],
    )
    source: str | None = Field(description="Citation.", examples=["RCT [ABD-2009]"])
    evidence: str | None = Field(description="Evidence mark.", examples=["RCT"])
    notes: str | None = Field(description="What else to know.")
    recorded_by: UUID | None = Field(description="Author; null for a reference protocol.")
    approved_by: UUID | None = Field(description="Null for a reference protocol.")
    approved_at: Instant | None = Field(description="Null for a reference protocol.")
    retired_by: UUID | None = Field(description="Who took it out of use.")
    retired_at: Instant | None = Field(description="Since when no new plan may take it.")
    retired_reason: str | None = Field(description="Why.")
    created_at: Instant = Field(description="When it was drafted.")

    @classmethod
    def of(cls, version: ProtocolVersion, phases: Sequence[ProtocolPhase]) -> Self:
        """The version with its phases in order."""
        copied = version.model_dump(
            include={
                "number", "state", "reassess", "source", "evidence", "notes", "recorded_by",
                "approved_by", "approved_at", "retired_by", "retired_at", "retired_reason",
                "created_at",
            }
        )  # fmt: skip
        return cls(
            **copied,
            total_sessions=sum(phase.sessions for phase in phases),
            phases=tuple(
                Phase(**phase.model_dump(include=set(Phase.model_fields))) for phase in phases
            ),
            maintenance=_maintenance(version),
            reassess_after_sessions=tuple(int(text) for text in version.reassess_after_sessions),
            ingredient_exceptions=json.loads(version.ingredient_exceptions),
        )


def _maintenance(version: ProtocolVersion) -> Maintenance | None:
    target = version.maintenance_target_days
    low, high = version.maintenance_min_days, version.maintenance_max_days
    if target is None or low is None or high is None:
        return None
    return Maintenance(target_days=target, min_days=low, max_days=high)


class ProtocolRead(Answer):
    """A protocol with its newest version."""

    id: UUID = Field(description="The protocol.")
    version: int = Field(description="Row version, the ETag; covers all protocol versions.")
    code: str | None = Field(description="Code of a reference protocol.", examples=["P-PRP"])
    name: str = Field(description="What people call it.", examples=["PRP scalp"])
    description: str | None = Field(description="What it is for.")
    reference: bool = Field(description="Came with the product; a default to be confirmed.")
    latest: ProtocolVersionRead = Field(description="The version with the highest number.")
    approved_version: int | None = Field(
        description="Number of the newest approved version, which new plans take."
    )
    created_at: Instant = Field(description="When it was written.")
    updated_at: Instant = Field(description="When it or a version of it last changed.")
