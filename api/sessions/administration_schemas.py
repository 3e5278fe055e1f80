"""Administrations on the wire: what was injected, where, from which lots, and the doses of it."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import Answers, FindingRead
from api.fields import (
    Amount,
    Answer,
    Body,
    Code,
    Day,
    Instant,
    Line,
    Millilitres,
    MillilitresOrNone,
    Millimetres,
    Note,
    SquareCentimetres,
)
from api.sessions.also_given_schemas import AlsoGivenList, AlsoGivenRead
from models import IngredientUnit, SessionState, Side

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class AreaIn(Body):
    """One treated area."""

    area: Code = Field(description="Code of the area.", examples=["SCALP_FRONTAL"])
    side: Side | None = Field(None, description="Where the area has sides.", examples=["left"])
    volume_ml: Millilitres = Field(description="Injected there, mL.")
    points: int | None = Field(
        None, ge=1, le=100_000, description="Number of injection points.", examples=[30]
    )
    depth_mm: Millimetres | None = Field(None, description="Needle depth, mm.")
    technique: Code | None = Field(
        None, description="Code of the technique.", examples=["POINT_BY_POINT"]
    )
    needle_gauge: int | None = Field(None, ge=10, le=40, description="Gauge.", examples=[30])
    area_cm2: SquareCentimetres | None = Field(None, description="Marked surface, cm².")
    syringe: int = Field(
        1, ge=1, le=99, description="Which syringe of the visit, from 1.", examples=[1]
    )


class LotIn(Body):
    """What was drawn from one lot."""

    lot_id: UUID = Field(description="A lot of one of the formula's ingredients.", examples=[_ID])
    volume_ml: Millilitres = Field(description="Drawn from it, mL.")


class AdministrationCreate(Answers):
    """What was injected in this session. Areas and discarded volume add up to what was mixed."""

    performed_at: Instant = Field(description="When it was injected; not in the future.")
    preparation_started_at: Instant | None = Field(
        None, description="When mixing began; not after `performed_at`."
    )
    areas: tuple[AreaIn, ...] = Field(min_length=1, max_length=50, description="Where.")
    lots: tuple[LotIn, ...] = Field((), max_length=100, description="From which lots.")
    also_given: AlsoGivenList = Field(
        (),
        description="What else the patient got at this visit without an injection, beyond what"
        " was noted at check-in: local anaesthetics on the skin use the same allowance.",
        examples=[[]],
    )
    discarded_ml: MillilitresOrNone = Field(
        Decimal(0), description="Prepared but not injected, mL.", examples=["2.0"]
    )
    administered_by: UUID | None = Field(
        None,
        description="Who injected; the caller where it is left out. An API key must say.",
        examples=[_ID],
    )
    observation_minutes: int | None = Field(
        None, ge=0, le=10_000, description="Observed after the injection, min.", examples=[15]
    )
    pain_score: int | None = Field(
        None, ge=0, le=10, description="Pain during the injection, 0 to 10.", examples=[2]
    )
    visually_clear: bool | None = Field(
        None, description="The mixture was clear, without particles.", examples=[True]
    )
    emergency_kit_checked_on: Day | None = Field(
        None, description="Latest check of the emergency kit."
    )
    retrospective_reason: Line | None = Field(
        None,
        description="Why it is entered afterwards: required for an earlier day, or where the"
        " session was never checked in.",
        examples=["Network failure during the visit."],
    )
    notes: Note | None = Field(None, description="Anything else.", examples=["Well tolerated."])


class Quantity(Answer):
    """An amount and its unit."""

    value: Amount = Field(description="Exact, in `unit`.")
    unit: IngredientUnit = Field(description="The ingredient's unit.", examples=["mg"])


class DoseRead(Answer):
    """How much of one ingredient the patient received, over all areas and lines."""

    ingredient_code: str = Field(description="Code.", examples=["DEXPANTHENOL"])
    dose: Quantity = Field(description="Reckoned from formula and volumes, rounded up.")


class AreaRead(Answer):
    """One treated area."""

    area: str = Field(description="Code of the area.", examples=["SCALP_FRONTAL"])
    side: Side | None = Field(description="Which side.", examples=[None])
    volume_ml: Millilitres = Field(description="mL")
    points: int | None = Field(description="Injection points.", examples=[30])
    depth_mm: Millimetres | None = Field(description="mm")
    technique: str | None = Field(description="Code.", examples=["POINT_BY_POINT"])
    needle_gauge: int | None = Field(description="Gauge.", examples=[30])
    area_cm2: SquareCentimetres | None = Field(description="cm²")
    syringe: int = Field(description="Which syringe.", examples=[1])


class UsedLot(Answer):
    """What was drawn from one lot."""

    lot_id: UUID = Field(description="The lot.", examples=[_ID])
    lot_number: str = Field(description="The maker's number.", examples=["L2025-117"])
    ingredient_code: str = Field(description="Of what.", examples=["DEXPANTHENOL"])
    volume_ml: Millilitres = Field(description="mL")


class AddendumCreate(Body):
    """Something to add to the record of a performed session."""

    text: Note = Field(description="What is added.", examples=["Mild erythema until evening."])
    reason: Line | None = Field(None, description="Why now.", examples=["Patient called."])


class AddendumRead(Answer):
    """A later note; it changes nothing of the record."""

    id: UUID = Field(description="Of this addendum.", examples=[_ID])
    text: str = Field(description="What was added.", examples=["Mild erythema until evening."])
    reason: str | None = Field(description="Why.", examples=["Patient called."])
    recorded_by: UUID = Field(description="Who added it.", examples=[_ID])
    recorded_at: Instant = Field(description="When.")


class ErrorMark(Answer):
    """That a record was wrong: it stays readable and counts for nothing."""

    at: Instant = Field(description="When it was marked.")
    by: UUID = Field(description="By whom.", examples=[_ID])
    reason: str = Field(description="Why.", examples=["Entered for the wrong patient."])


class SessionError(Body):
    """What was wrong, and how much of it."""

    reason: Line = Field(description="In words.", examples=["Entered for the wrong patient."])
    what: Literal["session", "administration"] = Field(
        "session",
        description="`session`: the visit never took place; its records count no more and it is"
        " cancelled. `administration`: only the record of the injection was wrong; the session is"
        " open again for the right one.",
        examples=["administration"],
    )


class AdministrationRead(Answer):
    """The record of what was injected. Never overwritten: it takes addenda."""

    id: UUID = Field(description="Of this record.", examples=[_ID])
    session_id: UUID = Field(description="The session, whose ETag it shares.", examples=[_ID])
    session_state: SessionState = Field(
        description="Where the session stands.", examples=["completed"]
    )
    plan_id: UUID = Field(description="The plan.", examples=[_ID])
    patient_id: UUID = Field(description="The patient.", examples=[_ID])
    formula_id: UUID = Field(description="The formula.", examples=[_ID])
    formula_version: int = Field(description="Number of its version.", examples=[1])
    administered_by: UUID = Field(description="Who injected.", examples=[_ID])
    performed_at: Instant = Field(description="When, UTC.")
    performed_on: Day = Field(description="The clinic's local day.")
    preparation_started_at: Instant | None = Field(description="When mixing began, UTC.")
    administered_ml: MillilitresOrNone = Field(description="All areas together, mL.")
    discarded_ml: MillilitresOrNone = Field(description="Prepared but not injected, mL.")
    areas: tuple[AreaRead, ...] = Field(description="Where.")
    doses: tuple[DoseRead, ...] = Field(description="One per ingredient, by code.")
    lots: tuple[UsedLot, ...] = Field(description="From which lots.")
    also_given: tuple[AlsoGivenRead, ...] = Field(
        description="What else was given at the visit, noted at check-in or with this record.",
        examples=[[]],
    )
    observation_minutes: int | None = Field(description="Observed, min.", examples=[15])
    pain_score: int | None = Field(description="0 to 10.", examples=[2])
    visually_clear: bool | None = Field(description="Clear, no particles.", examples=[True])
    emergency_kit_checked_on: Day | None = Field(description="Latest check of the kit.")
    retrospective: bool = Field(description="Entered after the fact.", examples=[False])
    retrospective_reason: str | None = Field(description="Why.", examples=[None])
    notes: str | None = Field(description="Anything else.", examples=["Well tolerated."])
    recorded_by: UUID = Field(description="Who entered it.", examples=[_ID])
    recorded_at: Instant = Field(description="When it was entered.")
    decision_id: UUID | None = Field(description="What the rules said.", examples=[_ID])
    addenda: tuple[AddendumRead, ...] = Field(description="Later notes, oldest first.")
    entered_in_error: ErrorMark | None = Field(
        description="Set where the record was wrong: its doses count no more.", examples=[None]
    )


class AdministrationRecorded(AdministrationRead):
    """The record with what the rules just said about it."""

    outcome: str = Field(description="The worst finding decides.", examples=["allowed"])
    findings: tuple[FindingRead, ...] = Field(
        description="What is not a pass, worst first.", examples=[[]]
    )
