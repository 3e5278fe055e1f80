"""On the wire: what a patient got at a visit besides the injections, such as a numbing cream."""

from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.fields import Amount, Answer, Body, Code, Instant, Line, Name, quantity, to_decimal
from models import AlsoGiven, GivenMeasure, GivenRoute, IngredientUnit

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_Strength = Annotated[Decimal, *quantity(6, "0.000001", "1000000", "25")]
_Amount = Annotated[Decimal, *quantity(3, "0.001", "1000", "2")]
_Dose = Annotated[Decimal, *quantity(6, "0.000001", "1000000000", "50")]


class StrengthIn(Body):
    """As printed on the product."""

    value: _Strength = Field(description="Exact, in `unit`.")
    unit: Annotated[str, Field(min_length=1, max_length=12)] = Field(
        description="The ingredient's unit per g or per mL, or %: 1 % is 10 mg per g or mL.",
        examples=["mg/g"],
    )


class AmountIn(Body):
    """How much of the product."""

    value: _Amount = Field(description="Exact, in `unit`.")
    unit: GivenMeasure = Field(description="g or mL.", examples=["g"])


class DoseIn(Body):
    """How much of the ingredient itself."""

    value: _Dose = Field(description="Exact, in `unit`.")
    unit: Annotated[str, Field(min_length=1, max_length=12)] = Field(
        description="The ingredient's unit.", examples=["mg"]
    )


class AlsoGivenIn(Body):
    """One ingredient that the patient got at this visit without an injection. What is injected
    belongs to the formula. Name an ingredient of the formulary, else the product in words."""

    ingredient_code: Code | None = Field(
        None, description="Code or alias of the formulary.", examples=["LIDOCAINE"]
    )
    name: Name | None = Field(
        None, description="The product, as on its package.", examples=["Numbing cream 2.5 %"]
    )
    route: GivenRoute = Field(description="How it was given.", examples=["topical"])
    local_anaesthetic: bool | None = Field(
        None,
        description="Of a product without `ingredient_code` only: whether it is a local"
        " anaesthetic. Left out where nobody knows; then it counts as one.",
        examples=[None],
    )
    strength: StrengthIn | None = Field(
        None,
        description="With `amount` it makes the dose.",
        examples=[{"value": "25", "unit": "mg/g"}],
    )
    amount: AmountIn | None = Field(
        None, description="Of the product.", examples=[{"value": "2", "unit": "g"}]
    )
    dose: DoseIn | None = Field(
        None,
        description="Of the ingredient itself, instead of `strength` and `amount`. Without either"
        " the dose is unknown, and of a local anaesthetic unknown is refused.",
        examples=[None],
    )
    given_at: Instant | None = Field(None, description="When; not in the future.")
    areas: tuple[Code, ...] = Field(
        (), max_length=50, description="Codes of the areas.", examples=[["SCALP_FRONTAL"]]
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.ingredient_code is None and self.name is None:
            raise PydanticCustomError("unnamed", "Give an ingredient_code or a name.")
        if self.ingredient_code is not None and self.local_anaesthetic is not None:
            raise PydanticCustomError(
                "formulary_knows", "The formulary says whether an ingredient is an anaesthetic."
            )
        if self.dose is not None and (self.strength is not None or self.amount is not None):
            raise PydanticCustomError(
                "said_twice", "Give the dose, or strength and amount, not both."
            )
        return self


AlsoGivenList = Annotated[tuple[AlsoGivenIn, ...], Field(max_length=20)]


class GivenStrength(Answer):
    """What a g or mL of the product holds."""

    value: Amount = Field(description="Exact, in `unit`.", examples=["25"])
    unit: str = Field(description="The ingredient's unit per g or mL.", examples=["mg/g"])


class GivenAmount(Answer):
    """How much of the product."""

    value: Amount = Field(description="Exact, in `unit`.", examples=["2"])
    unit: GivenMeasure = Field(description="g or mL.", examples=["g"])


class GivenDose(Answer):
    """How much of the ingredient."""

    value: Amount = Field(description="Exact, in `unit`.", examples=["50"])
    unit: IngredientUnit = Field(description="The ingredient's unit.", examples=["mg"])


class AlsoGivenRead(Answer):
    """One ingredient that the patient got at the visit without an injection."""

    id: UUID = Field(description="Of this entry.", examples=[_ID])
    ingredient_code: str | None = Field(description="Code.", examples=["LIDOCAINE"])
    name: str | None = Field(description="The product.", examples=["Numbing cream 2.5 %"])
    route: GivenRoute = Field(description="How it was given.", examples=["topical"])
    local_anaesthetic: bool | None = Field(
        description="The clinic's word on a product in no list.", examples=[None]
    )
    strength: GivenStrength | None = Field(description="Null where not stated.")
    amount: GivenAmount | None = Field(description="Null where not stated.")
    dose: GivenDose | None = Field(description="All that was given; null where it is unknown.")
    given_at: Instant | None = Field(description="When, UTC.")
    areas: tuple[str, ...] = Field(description="Codes.", examples=[["SCALP_FRONTAL"]])
    noted_at: Literal["check_in", "administration"] = Field(
        description="Where it was first entered.", examples=["check_in"]
    )
    recorded_by: UUID = Field(description="Who entered it.", examples=[_ID])
    recorded_at: Instant = Field(description="When it was entered.")
    entered_in_error_at: Instant | None = Field(
        description="When it was marked as wrong: it counts no more.", examples=[None]
    )
    entered_in_error_reason: str | None = Field(description="Why it is wrong.", examples=[None])

    @classmethod
    def of(cls, row: AlsoGiven) -> Self:
        """As stored, every quantity exact."""
        return cls.model_validate(
            row.model_dump()
            | {
                "strength": _strength(row),
                "amount": _amount(row),
                "dose": _dose(row),
                "noted_at": "check_in" if row.administration_id is None else "administration",
            }
        )


def _strength(row: AlsoGiven) -> GivenStrength | None:
    if row.strength_milli is None or row.unit is None or row.measure is None:
        return None
    unit = f"{row.unit.value}/{row.measure.value}"
    return GivenStrength(value=to_decimal(row.strength_milli, 3), unit=unit)


def _amount(row: AlsoGiven) -> GivenAmount | None:
    if row.amount_milli is None or row.measure is None:
        return None
    return GivenAmount(value=to_decimal(row.amount_milli, 3), unit=row.measure)


def _dose(row: AlsoGiven) -> GivenDose | None:
    if row.dose_micro is None or row.unit is None:
        return None
    return GivenDose(value=to_decimal(row.dose_micro, 6), unit=row.unit)


class AlsoGivenError(Body):
    """Why an entry is wrong."""

    reason: Line = Field(description="Why.", examples=["It was 2 g, not 20."])
