"""What comes in: formulas, new versions, and what is done with them."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.decisions.schemas import Answers
from api.fields import Acidity, Body, Code, Line, MillilitresOrNone, Name, Note, quantity
from api.lots.excipients import AllergyClass
from api.paging import PageQuery
from models import FormulaState

Volume = Annotated[Decimal, *quantity(3, "0.001", "1000", "0.5")]
Positive = Annotated[Decimal, *quantity(6, "0.000001", "1000000", "20")]
Percent = Annotated[Decimal, *quantity(6, "0.000001", "100", "2")]
Icd10 = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$"),
    Field(description="ICD-10 code.", examples=["L64.9"]),
]
Area = Annotated[Code, Field(description="Area code.", examples=["SCALP"])]


_SCALP_CLASSIC: dict[str, Any] = {
    "name": "Scalp classic",
    "indication": "L64.9",
    "areas": ["SCALP"],
    "components": [
        {
            "ingredient_code": "DEXPANTHENOL",
            "stock_concentration": {"value": "250", "unit": "mg/mL"},
            "volume_ml": "2",
        },
        {
            "ingredient_code": "LIDOCAINE",
            "stock_concentration": {"value": "20", "unit": "mg/mL"},
            "volume_ml": "0.5",
        },
    ],
    "total_volume_ml": "2.5",
    "ph": "6.2",
}


class Measure(Body):
    """A value with its unit."""

    value: Positive
    unit: Annotated[str, StringConstraints(min_length=1, max_length=12)] = Field(
        description="The ingredient's unit per mL; g, mg and ug per mL and % w/v convert.",
        examples=["mg/mL"],
    )


class LabelLimits(Body):
    """What the product's own leaflet says; it beats the ingredient's default."""

    max_concentration: Measure | None = Field(
        None, description="In the mixture.", examples=[{"value": "10", "unit": "mg/mL"}]
    )
    max_session: Measure | None = Field(
        None, description="Per session.", examples=[{"value": "100", "unit": "mg"}]
    )
    min_interval_days: int | None = Field(None, ge=0, le=3650, examples=[28])
    do_not_mix: bool | None = Field(None, description="To be alone in its syringe.")
    oil: bool | None = Field(None, description="Has an oily vehicle.")
    ethanol_ml: MillilitresOrNone | None = Field(
        None, description="Ethanol in the volume drawn, mL; 0 where it holds none.", examples=["0"]
    )
    vehicle_covers_dilution: bool | None = Field(
        None, description="The leaflet allows this dilution, whatever the solubility in water."
    )


class ComponentIn(Body):
    """One line: so much volume of one stock."""

    ingredient_code: Code = Field(
        description="Code or alias; salts and other names mean their ingredient.",
        examples=["LIDOCAINE"],
    )
    stock_concentration: Measure | None = Field(
        None,
        description="As printed on the stock. Only an ingredient counted in mL can do without.",
        examples=[{"value": "20", "unit": "mg/mL"}],
    )
    percent_wv: Percent | None = Field(
        None,
        description="The % w/v on the label. Beside `stock_concentration` the two are compared: "
        "1 % is 10 mg/mL.",
    )
    volume_ml: Volume = Field(description="Drawn for the mixture, in mL.")
    syringe: int = Field(1, ge=1, le=20, description="Which syringe of the visit, from 1.")
    product_name: Name | None = Field(
        None,
        description="The sterile product; the same name counts as one product.",
        examples=["Lidocaine 2 % Acme"],
    )
    label: LabelLimits | None = None
    excipient_classes: tuple[AllergyClass, ...] | None = Field(
        None,
        max_length=40,
        description="Allergy classes of the product's excipients; absent: not looked up.",
        examples=[["PARABEN"]],
    )


class Mixture(Body):
    """What one version consists of."""

    components: tuple[ComponentIn, ...] = Field(min_length=1, max_length=50)
    total_volume_ml: Volume | None = Field(
        None, description="Declared total, in mL; absent: the sum of the lines."
    )
    ph: Acidity | None = Field(None, description="Measured or declared pH of the mixture.")
    notes: Note | None = None


class FormulaCreate(Mixture):
    """A new formula and its first version, a draft."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SCALP_CLASSIC]})

    name: Name = Field(examples=["Scalp classic"])
    indication: Icd10 | None = None
    areas: tuple[Area, ...] = Field((), max_length=30, examples=[["SCALP"]])
    description: Note | None = None
    derived_from_id: UUID | None = Field(None, description="The formula it was copied from.")


class VersionCreate(Mixture):
    """A new draft of an existing formula."""

    change_reason: Line | None = Field(
        None, description="Why it changes.", examples=["Lidocaine reduced after sting reports"]
    )


class Approve(Answers):
    """Approval by a second person, with answers to findings where the rules allow them."""


class Retire(Body):
    reason: Line = Field(description="Why, in words.", examples=["Replaced by version 3"])


class FormulaQuery(PageQuery):
    """Filters of the list."""

    state: FormulaState | None = Field(None, description="Having a version in this state.")
    ingredient_code: Code | None = Field(None, description="Having a version that holds it.")
    indication: Icd10 | None = Field(None, description="For exactly this indication.")
