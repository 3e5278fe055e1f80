"""Lots on the wire."""

import calendar
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Code, Day, Instant, Line, Name, quantity, to_decimal
from api.lots.excipients import AllergyClass
from api.lots.states import possible_moves, state_on
from api.paging import PageQuery
from models import Container, Lot, LotState

_MONTH = re.compile(r"(\d{4})-(\d\d)")
_STOCK = quantity(3, "0", "1000000", "50")
_RECEIVED = quantity(3, "0.001", "1000000", "50")


def _last_day(value: Any) -> Any:
    """A month as printed on many labels stands for its last day; days pass through."""
    match = _MONTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    year, month = int(match.group(1)), int(match.group(2))
    if not (1 <= month <= 12 and 1900 <= year <= 2199):
        raise PydanticCustomError("month_value", "There is no such month.")
    return date(year, month, calendar.monthrange(year, month)[1])


Expiry = Annotated[
    Day,
    BeforeValidator(_last_day),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d(-\d\d)?$",
            "description": "Last day of use, or the month as printed: its last day is taken.",
            "examples": ["2027-08", "2027-08-31"],
        },
        mode="validation",
    ),
]
Reason = Annotated[Line, Field(description="Why, in words.", examples=["Particles seen in a vial"])]


_LIDOCAINE: dict[str, Any] = {
    "ingredient_code": "LIDOCAINE",
    "product_name": "Lidocaine 2 %",
    "manufacturer": "Acme Pharma",
    "lot_number": "LX-20417",
    "expires_on": "2027-08",
    "container": "multi_dose",
    "received_volume_ml": "50",
    "excipient_classes": ["PARABEN"],
}


class LotCreate(Body):
    """A delivery, as its label says."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LIDOCAINE]})

    ingredient_code: Code = Field(
        description="Code or alias of the ingredient that it holds.", examples=["LIDOCAINE"]
    )
    product_name: Name = Field(examples=["Lidocaine 2 %"])
    manufacturer: Name = Field(examples=["Acme Pharma"])
    lot_number: Name = Field(description="As printed.", examples=["LX-20417"])
    expires_on: Expiry
    container: Container = Field(
        description="`single_dose` serves one patient; `multi_dose` may be opened and kept."
    )
    received_volume_ml: Annotated[Decimal, *_RECEIVED] = Field(
        description="Volume received, in mL."
    )
    excipient_classes: tuple[AllergyClass, ...] = Field(
        max_length=40,
        description="Allergy classes of the excipients that the label lists; `[]` says none.",
        examples=[["PARABEN"]],
    )
    in_use_days: int | None = Field(
        None, ge=0, le=3650, description="Days of use after opening, where the label states them."
    )
    received_on: Day | None = Field(None, description="Local day of receipt; today if not given.")


class OpenLot(Body):
    opened_on: Day | None = Field(None, description="Local day of first puncture; today if absent.")


class MoveLot(Body):
    """Taking a lot out of use, or putting it back, needs a reason."""

    reason: Reason


class LotRead(Answer):
    """A manufacturer's lot of one product. `state` is today's: past its last day it is expired."""

    id: UUID
    ingredient_code: str = Field(examples=["LIDOCAINE"])
    product_name: str
    manufacturer: str
    lot_number: str
    expires_on: Day = Field(description="The last local day on which it may be used.")
    container: Container
    received_volume_ml: Annotated[Decimal, *_STOCK]
    remaining_volume_ml: Annotated[Decimal, *_STOCK]
    received_on: Day | None
    excipient_classes: tuple[str, ...]
    in_use_days: int | None = Field(description="After opening; null: the rule set's default.")
    opened_on: Day | None
    state: LotState
    state_reason: str | None
    state_changed_at: Instant | None
    possible: list[str] = Field(description="The moves that it has now.", examples=[["recall"]])
    recorded_by: UUID = Field(description="Staff member or API key that received it.")
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, lot: Lot, today: date) -> Self:
        """The lot as it stands on the clinic's day `today`."""
        derived = {
            "received_volume_ml": to_decimal(lot.received_volume_ul, 3),
            "remaining_volume_ml": to_decimal(lot.remaining_volume_ul, 3),
            "state": state_on(lot, today),
            "possible": possible_moves(lot, today),
        }
        return cls.model_validate(lot.model_dump() | derived)


class LotQuery(PageQuery):
    """Filters of the list."""

    ingredient_code: Code | None = Field(None, description="Lots of this ingredient.")
    state: LotState | None = Field(None, description="Lots in this state today.")
    expires_before: Day | None = Field(None, description="Last day of use before this day.")
    lot_number: Name | None = Field(None, description="Exactly this number.")
