"""Repairs on the wire: what is unavailable, and what is proposed about it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Body, Day, Instant, Line
from api.paging import PageQuery
from models import RepairPlanner, RepairState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class Unavailable(Body):
    """Exactly one of the three."""

    practitioner_id: UUID | None = Field(None, description="This person.", examples=[_ID])
    room_id: UUID | None = Field(None, description="This room.", examples=[None])
    clinic: Literal[True] | None = Field(None, description="The whole clinic.", examples=[None])


class RepairCreate(Body):
    """What is unavailable, and how its sessions may be moved."""

    unavailable: Unavailable = Field(description="Who or what.")
    from_: Instant = Field(alias="from", description="Since when, with offset.")
    to: Instant = Field(description="Until when, with offset; free again from then on.")
    reason: Line = Field(description="Why, in words.", examples=["Ill for a week."])
    practitioners: Literal["any", "same"] = Field(
        "any", description="Whether somebody else may take a session over.", examples=["any"]
    )
    horizon_days: int = Field(
        60, ge=1, le=180, description="How many days ahead places are looked for.", examples=[60]
    )
    seconds: int = Field(
        10,
        ge=1,
        le=60,
        description="Time to work in; then the best proposal found is given, with its gap. What"
        " the calendars and rules say is read in any case; the solver has what is left, at least"
        " three tenths.",
        examples=[10],
    )


class RepairApply(Body):
    """How a proposal is carried out."""

    record_unavailability: bool = Field(
        False,
        description="Also writes the time off (needs staff:manage), or the closure of the room or"
        " clinic on its whole local days (needs clinic:manage).",
        examples=[False],
    )


class RepairPlace(Answer):
    """When, with whom and where."""

    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    room_id: UUID | None = Field(description="Where; null for no room.", examples=[_ID])


class RepairMove(Answer):
    """One affected session: where it is to go, or why nowhere."""

    session_id: UUID = Field(description="The session.", examples=[_ID])
    session_version: int = Field(description="The version that was looked at.", examples=[1])
    plan_id: UUID = Field(description="Its plan.", examples=[_ID])
    patient_id: UUID = Field(description="Its patient.", examples=[_ID])
    present: RepairPlace = Field(description="As it is booked.")
    proposed: RepairPlace | None = Field(description="Where to; null where there is no place.")
    code: str = Field(
        description="`moved`, `reassigned` (its time stays); or, without a place, `no_time`,"
        " `needed_by_others`, `rules`, `plan_state` or `record_closed`.",
        examples=["moved"],
    )
    why: str = Field(description="The same in words.", examples=["2 days after the target day."])
    target_on: Day = Field(description="The day that the course aims at.")
    days_off_target: int | None = Field(description="Days between the two.", examples=[2])
    other_practitioner: bool = Field(description="Whether somebody else takes it over.")
    acknowledge: tuple[str, ...] = Field(
        description="Warnings and open points that applying it acknowledges.",
        examples=[["PLAN-REASSESS-DUE"]],
    )
    open_points: tuple[str, ...] = Field(
        default=(),
        description="Rules that only the distance brings about: they stay open until check-in.",
        examples=[["PLAN-REASSESS-DUE"]],
    )
    rules: tuple[str, ...] = Field(
        description="Without a place: the rules that stand in the way most.", examples=[[]]
    )


class RepairWeights(Answer):
    """What the objective adds up, in order of weight."""

    without_place: int = Field(description="For each session without a place.", examples=[100000])
    patient_moved: int = Field(
        description="For each patient whose time changes, once.", examples=[2000]
    )
    day_off_target: int = Field(description="For each day off a target day.", examples=[10])
    other_practitioner: int = Field(description="For each change of practitioner.", examples=[6])


class RepairHead(Answer):
    """A repair without its sessions."""

    id: UUID = Field(description="Of this repair.", examples=[_ID])
    version: int = Field(description="The ETag.", examples=[2])
    state: RepairState = Field(
        description="`planning`, `proposed`, `applied`.", examples=["proposed"]
    )
    practitioner_id: UUID | None = Field(description="Who is unavailable.", examples=[_ID])
    room_id: UUID | None = Field(description="Which room is; null.", examples=[None])
    clinic: bool = Field(description="Whether the whole clinic is.", examples=[False])
    starts_at: Instant = Field(description="Since when, UTC.")
    ends_at: Instant = Field(description="Until when, UTC.")
    reason: str = Field(description="Why, in words.", examples=["Ill for a week."])
    operation_id: UUID = Field(description="The work on the proposal.", examples=[_ID])
    affected: int | None = Field(description="Sessions in that time.", examples=[12])
    placed: int | None = Field(description="Those with a place.", examples=[12])
    objective: int | None = Field(description="What the proposal costs.", examples=[24130])
    bound: int | None = Field(description="What none can cost less than.", examples=[24130])
    gap: str | None = Field(
        description="How far the best conceivable may lie below, as a part of the objective;"
        " 0 means that nothing better exists among the places considered.",
        examples=["0.0000"],
    )
    planner: RepairPlanner | None = Field(
        description="Who found it: `highs`, the solver; or `greedy`, the plan that is made first,"
        " where nothing better exists, was found in time, or no solver is installed.",
        examples=["highs"],
    )
    in_time: bool | None = Field(description="Whether the work was done when time ran out.")
    seconds: str | None = Field(description="How long it took.", examples=["1.84"])
    recorded_at: Instant = Field(description="When it was asked for, UTC.")
    applied_at: Instant | None = Field(description="When it was carried out.", examples=[None])


class RepairRead(RepairHead):
    """A proposal, session by session."""

    weights: RepairWeights = Field(description="What the objective adds up.")
    moves: tuple[RepairMove, ...] = Field(description="Every affected session, by its start.")


class RepairQuery(PageQuery):
    """Which repairs to list."""

    state: RepairState | None = Field(None, description="Only in this state.")
