"""Side effects as they are reported, followed up, reviewed and resolved."""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.fields import Body, Code, Day, Instant, Line, Note
from api.paging import PageQuery
from api.side_effects.investigations import InvestigationResult
from api.side_effects.vocabulary import (
    ActionTaken,
    Causality,
    EffectCode,
    EffectOutcome,
    Grade,
    IngredientCodes,
    NaranjoAnswer,
    SeriousnessList,
    Words,
)
from models import Reporter, Side, SideEffectState


class PullTest(Body):
    """A pull test at one site."""

    site: Line = Field(description="Where.", examples=["vertex"])
    hairs: int = Field(ge=0, le=100, description="Hairs that came out, of 50 to 60 pulled.")


class Shedding(Body):
    """What is asked when hair falls out; leave out what was not looked at."""

    pattern: Literal["diffuse", "patchy"] | None = Field(
        None, description="`patchy` is treated as severity S4."
    )
    at_injection_points: bool | None = Field(None, description="Is it where the needle went in?")
    scarring_signs: bool | None = Field(None, description="Lost follicular openings, atrophy.")
    scalp_symptoms: bool | None = Field(None, description="Pain, burning or itching of the scalp.")
    visible_thinning: bool | None = Field(None, description="Seen by others: severity S3.")
    score_before: int | None = Field(None, ge=1, le=9, description="Before the first session.")
    score: int | None = Field(None, ge=1, le=9, description="Now, on the same scale.")
    scale: Literal["HAIR_SHEDDING_SCALE", "HAIR_SHEDDING_VISUAL"] | None = Field(
        None, description="Scale of both scores: six or nine points; needed with a score."
    )
    hairs_per_day: int | None = Field(None, ge=0, le=10_000, description="Counted in one day.")
    sixty_second_count: int | None = Field(
        None, ge=0, le=10_000, description="Hairs combed out in 60 seconds."
    )
    pull_tests: tuple[PullTest, ...] = Field((), max_length=12, description="One per site.")
    trichoscopy: Line | None = Field(None, description="What the dermatoscope showed.")
    ferritin_tested_on: Day | None = Field(None, description="Local day of the blood test.")
    tsh_tested_on: Day | None = Field(None, description="Local day of the blood test.")


_SHEDDING: dict[str, Any] = {
    "patient_id": "0195f3a2-7c1e-7b54-9d3a-2f6c8e1b4a70",
    "code": "AE_SHED_EARLY",
    "grade": 1,
    "started_at": "2026-03-20T07:00:00+01:00",
    "areas": ["SCALP_FRONTAL"],
    "description": "More hair than usual on the pillow since Monday.",
    "reported_by": "patient",
    "shedding": {"pattern": "diffuse", "score": 4, "scale": "HAIR_SHEDDING_SCALE"},
}


class DeviceIncident(StrEnum):
    """Kinds of incident with a medical device, which have reporting clocks of their own."""

    PUBLIC_HEALTH = "public_health"
    DEATH = "death"
    SERIOUS = "serious"


class SideEffectReport(Body):
    """What happened after a session. Say `started_at`, or `first_noticed_on` if it is unknown."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHEDDING]})

    patient_id: UUID = Field(description="Who has it.")
    session_id: UUID | None = Field(
        None,
        description="The performed session that is suspected; without it, the patient's most "
        "recent performed session before the onset is taken.",
    )
    code: EffectCode
    term_text: Line | None = Field(
        None, description="In the reporter's words; needed with `AE_OTHER`."
    )
    grade: Grade
    grade_scale: Literal["CTCAE"] = Field("CTCAE", description="Scale of `grade`.")
    grade_scale_version: Literal["5.0"] = Field("5.0", description="Version of the scale.")
    started_at: Instant | None = Field(None, description="Onset, where it is known.")
    first_noticed_on: Day | None = Field(
        None, description="Local day on which it was first noticed, where the onset is unknown."
    )
    ended_at: Instant | None = Field(None, description="When it was over; null: it goes on.")
    areas: tuple[Code, ...] = Field(
        (), max_length=30, description="Area codes; none twice.", examples=[["SCALP_FRONTAL"]]
    )
    sides: dict[Code, Side] = Field(
        default_factory=dict,
        max_length=30,
        description="Side of an area, by its code in `areas`.",
        examples=[{"SCALP_FRONTAL": "left"}],
    )
    location_detail: Line | None = Field(None, description="Where exactly, in words.")
    description: Words = Field(description="What was seen or told.")
    reported_by: Reporter = Field(description="Who told it.")
    seriousness: SeriousnessList = ()
    suspect_ingredient_codes: IngredientCodes = Field(
        (), description="Ingredients under suspicion; empty: none is named."
    )
    suspect_lot_ids: tuple[UUID, ...] = Field((), max_length=40, description="Lots suspected.")
    action_taken: ActionTaken | None = Field(None, description="What was done about treatment.")
    treatment: Line | None = Field(None, description="How the effect was treated.")
    outcome: EffectOutcome | None = Field(None, description="How it stands at the report.")
    contributing_factors: tuple[Line, ...] = Field(
        (), max_length=20, description="What else may explain it: illness, diet, new medicines."
    )
    photos_taken: bool = Field(False, description="Photographs were taken.")
    draining: bool = Field(
        False, description="A lump, an abscess or drainage is there, whatever the term."
    )
    device_incident: DeviceIncident | None = Field(
        None,
        description="Where a medical device is under suspicion: `public_health` threat, `death` "
        "or unanticipated serious deterioration, or `serious` otherwise. Starts its clock.",
    )
    shedding: Shedding | None = Field(None, description="For hair loss.")


class FollowUpCreate(Body):
    """What was seen, done or told later. What is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "Less hair this week.", "outcome": "recovering"}]}
    )

    text: Words = Field(description="What is new.")
    noted_at: Instant | None = Field(None, description="When it was noted; now if not given.")
    grade: Grade | None = Field(None, description="The grade now.")
    outcome: EffectOutcome | None = Field(None, description="How it stands now.")
    action_taken: ActionTaken | None = Field(None, description="What was done about treatment.")
    treatment: Line | None = Field(None, description="How it was treated.")
    ended_at: Instant | None = Field(None, description="When it was over.")
    draining: bool | None = Field(None, description="A lump, an abscess or drainage is there.")
    device_incident: DeviceIncident | None = Field(
        None, description="A medical device has come under suspicion, or the incident is worse."
    )
    shedding: Shedding | None = Field(None, description="As it is now; `score` enters the course.")
    significant: bool = Field(
        False, description="Changes the picture enough to be reported further."
    )
    seriousness: SeriousnessList = Field((), description="Criteria newly met; none is taken away.")
    suspect_ingredient_codes: IngredientCodes = Field((), description="Newly under suspicion.")
    results: tuple[InvestigationResult, ...] = Field(
        (), max_length=12, description="Results that came in: cultures, opinions, the look-back."
    )


class ReviewCreate(Body):
    """A clinician's judgement of what caused it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"causality": "possible", "comment": "Timing fits; ferritin is low."}]
        }
    )

    causality: Causality = Field(description="WHO-UMC category.")
    naranjo: tuple[NaranjoAnswer, ...] | None = Field(
        None,
        min_length=10,
        max_length=10,
        description="Answers to the ten Naranjo questions, in their order; the score is computed.",
        examples=[["yes", "yes", "yes", "unknown", "yes", "no", "no", "no", "unknown", "yes"]],
    )
    comment: Note = Field(description="Why.", examples=["Timing fits; ferritin is low as well."])


class ResolveSideEffect(Body):
    """How it ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "recovered",
                    "ended_at": "2026-05-04T09:00:00+02:00",
                    "comment": "Shedding score back to 2 at the visit.",
                }
            ]
        }
    )

    outcome: Literal[
        EffectOutcome.RECOVERED,
        EffectOutcome.SEQUELAE,
        EffectOutcome.FATAL,
        EffectOutcome.UNKNOWN,
    ] = Field(description="`unknown`: lost to follow-up.")
    ended_at: Instant | None = Field(
        None, description="When it was over; needed with `recovered` where it is not yet known."
    )
    sequelae: Line | None = Field(
        None, description="What remains; needed with, and only with, `sequelae`."
    )
    comment: Note = Field(description="What the resolution rests on.")


class EnteredInError(Body):
    reason: Line = Field(
        description="Why the report is wrong.", examples=["Reported for another patient."]
    )


class SideEffectQuery(PageQuery):
    """Filters of the list."""

    state: SideEffectState | None = Field(None, description="Side effects in this state.")
    grade_min: int | None = Field(None, ge=1, le=5, description="This grade or worse.")
    overdue: bool | None = Field(
        None, description="`true`: not over, although past the catalogue's expected end."
    )
    review_overdue: bool | None = Field(
        None, description="`true`: somebody should have reviewed it by now, and nobody has."
    )
    patient_id: UUID | None = Field(None, description="Side effects of this patient.")
    plan_id: UUID | None = Field(None, description="Side effects attributed to this plan.")
    session_id: UUID | None = Field(None, description="Side effects attributed to this session.")
    code: EffectCode | None = Field(None, description="Side effects of this term.")
