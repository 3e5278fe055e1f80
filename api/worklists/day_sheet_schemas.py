"""One day of the clinic, on the wire. What the caller may not see is null, never left out."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.fields import Answer, Day, Instant, quantity
from models import AllergySeverity, BookedResource, Container, HoldScope, SessionState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
Volume = Annotated[Decimal, *quantity(3, "0", "1000000", "1.5")]
Strength = Annotated[Decimal, *quantity(3, "0", "1000000000", "5")]


class DaySheetQuery(BaseModel):
    """Which day, and whose."""

    model_config = {"extra": "forbid"}

    on: Day | None = Field(None, description="The clinic's local day; today.")
    practitioner_id: UUID | None = Field(None, description="Performed by.", examples=[_ID])
    room_id: UUID | None = Field(None, description="In this room.", examples=[_ID])


class SheetPatient(Answer):
    """Who comes; names and numbers need patients:read."""

    id: UUID = Field(description="Of the patient.", examples=[_ID])
    record_number: str | None = Field(description="The clinic's own number.", examples=["P-17"])
    given_name: str | None = Field(description="First names.", examples=["Ada"])
    family_name: str | None = Field(description="Surname.", examples=["Moreau"])
    born_on: Day | None = Field(description="Birthday.")
    phone: str | None = Field(description="To reach them.", examples=["+33612345678"])
    language: str | None = Field(description="Spoken.", examples=["fr"])


class SheetAllergy(Answer):
    """An active allergy."""

    code: str = Field(description="Class of substances.", examples=["FISH"])
    ingredient_code: str | None = Field(description="One ingredient.", examples=[None])
    severity: AllergySeverity = Field(description="How bad it was.", examples=["severe"])


class SheetEffect(Answer):
    """A side effect that is not resolved."""

    id: UUID = Field(description="Of the report.", examples=[_ID])
    code: str = Field(description="Term of the catalogue.", examples=["AE_SHED_EARLY"])
    grade: int = Field(description="From 1 to 5.", examples=[2])


class SheetHold(Answer):
    """A hold in force that touches the session."""

    id: UUID = Field(description="Of the hold.", examples=[_ID])
    scope: HoldScope = Field(description="What is held.", examples=["plan"])
    release_role: str = Field(description="Who may release it.", examples=["prescriber"])


class SheetAlerts(Answer):
    """What must be seen before the patient is touched."""

    allergies: tuple[SheetAllergy, ...] = Field(description="The active ones.")
    allergies_asked: bool = Field(
        description="False: nobody has asked, which is not none.", examples=[True]
    )
    conditions: tuple[str, ...] = Field(
        description="Codes of those present.", examples=[["ANTICOAGULATION"]]
    )
    side_effects: tuple[SheetEffect, ...] = Field(description="Open ones, the worst first.")


class SheetStrength(Answer):
    """So much in each millilitre."""

    value: Strength = Field(description="Exact decimal.")
    unit: str = Field(description="Of the value.", examples=["mg/mL"])


class SheetComponent(Answer):
    """One line of what is mixed."""

    ingredient_code: str = Field(description="What.", examples=["BIOTIN"])
    stock_concentration: SheetStrength = Field(description="Of the stock.")
    volume_ml: Volume = Field(description="How much of it.")
    syringe: int = Field(description="In which syringe of the visit, from 1.", examples=[1])


class SheetFormula(Answer):
    """What is prepared for the session."""

    formula_id: UUID = Field(description="Of the formula.", examples=[_ID])
    name: str = Field(description="Its name.", examples=["Scalp classic"])
    number: int = Field(description="The version that the plan pins.", examples=[2])
    areas: tuple[str, ...] = Field(description="Where it goes.", examples=[["SCALP"]])
    volume_per_session_ml: Volume = Field(description="To be injected.")
    components: tuple[SheetComponent, ...] = Field(description="In the order of mixing.")


class SheetFinding(Answer):
    """Why the session is on the review worklist."""

    item_id: UUID = Field(description="Of the worklist's item.", examples=[_ID])
    severity: Literal["block", "override", "warn"] = Field(
        description="The worst of it.", examples=["block"]
    )
    title: str = Field(description="In words.", examples=["This session would be refused."])


class DaySession(Answer):
    """One visit of the day."""

    id: UUID = Field(description="Of the session.", examples=[_ID])
    version: int = Field(description="For If-Match.", examples=[1])
    state: SessionState = Field(description="Where it is in its life.", examples=["confirmed"])
    possible: tuple[str, ...] = Field(
        description="The moves that it has now.", examples=[["check-in"]]
    )
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    session_number: int = Field(description="Its place in the course.", examples=[3])
    phase: str | None = Field(description="The protocol's phase.", examples=["A"])
    plan_id: UUID = Field(description="Of the plan.", examples=[_ID])
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    practitioner_name: str = Field(description="As shown.", examples=["Dr Inès Laurent"])
    room_id: UUID | None = Field(description="Where.", examples=[_ID])
    room_name: str | None = Field(description="As shown.", examples=["Room 1"])
    overbooks: BookedResource | None = Field(
        description="What is double-booked on purpose, if anything.", examples=[None]
    )
    notes: str | None = Field(description="The desk's note.", examples=["Call before."])
    patient: SheetPatient = Field(description="Who comes.")
    alerts: SheetAlerts | None = Field(description="Null without clinical:read.")
    holds: tuple[SheetHold, ...] = Field(description="In force; check-in is refused.")
    findings: tuple[SheetFinding, ...] | None = Field(
        description="Open on the review worklist; null without rules:read."
    )
    formula: SheetFormula | None = Field(description="Null without formulas:read.")


class SheetLot(Answer):
    """A lot that may be used on the day."""

    lot_id: UUID = Field(description="Of the lot.", examples=[_ID])
    lot_number: str = Field(description="The maker's number.", examples=["L-1"])
    product_name: str = Field(description="The product.", examples=["Biotin"])
    container: Container = Field(
        description="A `single_dose` serves one patient.", examples=["multi_dose"]
    )
    expires_on: Day = Field(description="The last day of use on the label.")
    opened_on: Day | None = Field(description="Of a container in use.")
    last_day_on: Day = Field(
        description="The last day of use; sooner than the label's where the container is open."
    )
    remaining_volume_ml: Volume = Field(description="What is in it.")
    drawn_volume_ml: Volume = Field(description="What the day's sessions take of it.")
    session_ids: tuple[UUID, ...] = Field(
        description="Those sessions, in their order; none: it is spare.", examples=[[_ID]]
    )


class SheetSupply(Answer):
    """What the day needs of one ingredient, and what there is: use the lots in their order."""

    ingredient_code: str = Field(description="What.", examples=["BIOTIN"])
    sessions: int = Field(description="Still to be performed with it.", examples=[4])
    volume_ml: Volume = Field(description="For all of them together.")
    enough: bool = Field(description="The usable lots hold as much.", examples=[True])
    missing_volume_ml: Volume = Field(description="What they do not hold; 0 where enough.")
    lots: tuple[SheetLot, ...] = Field(
        description="Usable that day, the first to end first; of those, open ones first."
    )


class DaySheet(Answer):
    """Everything for one day."""

    on: Day = Field(description="The clinic's local day.")
    time_zone: str = Field(description="Of that day.", examples=["Europe/Paris"])
    items: tuple[DaySession, ...] = Field(
        description="The sessions by start; cancelled ones left out."
    )
    supplies: tuple[SheetSupply, ...] | None = Field(
        description="Lots to prepare; null without formulas:read."
    )
