"""What goes out: formulas, their versions and what is in them."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Instant, quantity
from models import FormulaState

Volume = Annotated[Decimal, *quantity(3, "0", "1000000", "3.5")]
Value = Annotated[Decimal, *quantity(6, "0", "1000000000000000000", "10")]


class MeasureRead(Answer):
    """A value with its unit."""

    value: Value
    unit: str = Field(examples=["mg/mL"])


class ComponentRead(Answer):
    """One line with what follows from it: amount = stock concentration × volume, exactly."""

    position: int = Field(description="From 0, as in pointers.")
    syringe: int
    ingredient_code: str = Field(examples=["LIDOCAINE"])
    ingredient_name: str
    stock_concentration: MeasureRead
    percent_wv: Value | None
    volume_ml: Volume
    amount: MeasureRead = Field(description="In the volume drawn; exact.")
    final_concentration: MeasureRead = Field(
        description="In its syringe, over all lines of the ingredient there; rounded to 4 "
        "decimals for reading, compared before rounding."
    )
    product_name: str | None
    label: dict[str, Any] | None = Field(
        description="What the product's leaflet says.", examples=[{"do_not_mix": True}]
    )
    excipient_classes: tuple[str, ...] | None = Field(description="Null: not looked up.")


class AmountRead(Answer):
    """All of one ingredient in the whole preparation, over lines and syringes."""

    ingredient_code: str
    amount: MeasureRead


class VersionRead(Answer):
    """One version of a formula. Once approved it never changes."""

    id: UUID
    number: int
    state: FormulaState
    components: list[ComponentRead]
    amounts: list[AmountRead] = Field(description="Per ingredient, by code.")
    total_volume_ml: Volume = Field(description="Declared total.")
    sum_of_volumes_ml: Volume = Field(description="Of the lines.")
    ph: Annotated[Decimal, *quantity(2, "0", "14", "6.2")] | None
    notes: str | None
    change_reason: str | None
    supersedes: int | None = Field(description="Number of the version that it was drafted after.")
    author_id: UUID = Field(description="Staff member or API key that wrote it.")
    created_at: Instant
    approved_by: UUID | None
    approved_at: Instant | None
    decision_id: UUID | None = Field(description="The decision of the approval.")
    retired_by: UUID | None
    retired_at: Instant | None
    retired_reason: str | None
    outcome: str = Field(
        description="What the rules in force say of it today: `allowed`, `needs_acknowledgement`, "
        "`needs_override` or `refused`. It stops nobody from drafting.",
        examples=["allowed"],
    )
    findings: list[FindingRead] = Field(description="Worst first; what approval will look at.")
    possible: list[str] = Field(description="The moves that it has now.", examples=[["approve"]])


class FormulaRead(Answer):
    """A formula with its latest version; `version` is the ETag, shared with its versions."""

    id: UUID
    name: str
    indication: str | None
    areas: tuple[str, ...]
    description: str | None
    derived_from_id: UUID | None
    approved_version: int | None = Field(description="Number of the latest approved version.")
    latest: VersionRead
    version: int
    created_at: Instant
    updated_at: Instant


class FormulaItem(Answer):
    """A formula in a list."""

    id: UUID
    name: str
    indication: str | None
    areas: tuple[str, ...]
    latest_number: int
    latest_state: FormulaState
    approved_version: int | None
    total_volume_ml: Volume = Field(description="Of the latest version.")
    ingredient_codes: list[str] = Field(description="Of the latest version, in its order.")
    version: int
    updated_at: Instant


class VersionItem(Answer):
    """A version in a list."""

    id: UUID
    number: int
    state: FormulaState
    change_reason: str | None
    author_id: UUID
    created_at: Instant
    approved_by: UUID | None
    approved_at: Instant | None
    retired_at: Instant | None


class Change(Answer):
    """One thing that differs between two versions."""

    kind: Literal["component_added", "component_removed", "component_changed", "field_changed"]
    pointer: str = Field(
        description="JSON pointer into the later version; of a removed line, into the earlier.",
        examples=["/components/2/volume_ml"],
    )
    ingredient_code: str | None = Field(examples=["LIDOCAINE"])
    before: str | None = Field(description="Null where it was not there.", examples=["0.5 mL"])
    after: str | None = Field(description="Null where it is gone.", examples=["1 mL"])
    words: str = Field(examples=["LIDOCAINE: volume 0.5 mL → 1 mL"])


class FormulaDiff(Answer):
    """The changes from version `against` to version `number`; empty where both say the same."""

    number: int
    against: int
    changes: tuple[Change, ...]
