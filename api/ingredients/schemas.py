"""Ingredients on the wire."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from api.evidence import Evidence
from api.fields import Answer, Body, Code, Instant, Line, Name, Note, quantity
from api.lots.excipients import AllergyClass
from api.paging import PageQuery
from models import IngredientStatus, IngredientUnit

IngredientCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,39}$"),
    Field(description="Code of an ingredient.", examples=["LIDOCAINE"]),
]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
LimitValue = Annotated[Decimal, *quantity(6, "0", "1000000000", "5")]


class IngredientRole(StrEnum):
    """What it does in a mixture; only actives and additives must have a limit."""

    ACTIVE = "active"
    DILUENT = "diluent"
    BUFFER = "buffer"
    ADDITIVE = "additive"


class LimitIn(Body):
    """One figure; a number without a unit, a source and an evidence mark is not accepted."""

    value: LimitValue
    unit: str = Field(
        max_length=12,
        description="For concentrations the ingredient's unit per mL, for doses the unit itself, "
        "`d` for days, `mL` for a point, `sessions` for a count.",
        examples=["mg/mL"],
    )
    source: Line = Field(description="Document and section.", examples=["SmPC 2024, section 4.2"])
    evidence: Evidence


class LimitsIn(Body):
    """The figures of a clinic's own ingredient. What is left out is not known, not unlimited."""

    max_concentration: LimitIn | None = Field(None, description="In the mixture, inclusive.")
    ceiling_concentration: LimitIn | None = Field(
        None, description="In the mixture; not even an override goes beyond."
    )
    max_session: LimitIn | None = Field(None, description="Over all areas of one session.")
    ceiling_session: LimitIn | None = Field(None, description="Not even an override goes beyond.")
    max_per_kg: LimitIn | None = Field(None, description="Per kilogram of body weight, `mg/kg`.")
    cumulative_max: LimitIn | None = Field(None, description="Within the rolling window.")
    cumulative_window: LimitIn | None = Field(None, description="Length of the window, `d`.")
    min_interval: LimitIn | None = Field(None, description="Days between two sessions, `d`.")
    max_sessions: LimitIn | None = Field(None, description="Of one course, `sessions`.")
    max_per_cm2: LimitIn | None = Field(None, description="Per marked area, `mg/cm2`.")
    max_point: LimitIn | None = Field(None, description="Volume of one injection point, `mL`.")
    solubility: LimitIn | None = Field(None, description="In water.")
    donation_deferral: LimitIn | None = Field(None, description="Days without blood donation, `d`.")


_B_COMPLEX: dict[str, Any] = {
    "code": "B_COMPLEX_HOSPITAL",
    "name": "Vitamin B complex, hospital pharmacy",
    "category": "vitamin",
    "status": "allowed",
    "unit": "mg",
    "limits": {
        "max_session": {
            "value": "100",
            "unit": "mg",
            "source": "Pharmacy monograph 12",
            "evidence": "convention",
        }
    },
    "source": "Pharmacy monograph 12",
    "evidence": "convention",
}


class IngredientCreate(Body):
    """An ingredient of the clinic's own, which no rule set knows."""

    model_config = ConfigDict(json_schema_extra={"examples": [_B_COMPLEX]})

    code: IngredientCode
    name: Name = Field(examples=["Vitamin B complex, hospital pharmacy"])
    category: Name = Field(examples=["vitamin"])
    status: IngredientStatus = Field(
        IngredientStatus.RESTRICTED, description="`prohibited` has no override."
    )
    unit: IngredientUnit = Field(description="The one unit in which its amounts are counted.")
    role: IngredientRole = IngredientRole.ACTIVE
    aliases: tuple[IngredientCode, ...] = Field((), max_length=20, description="Other codes.")
    attributes: tuple[Word, ...] = Field(
        (),
        max_length=20,
        description="Words that mixing rules match, such as `local_anaesthetic`, `vasodilator`, "
        "`do_not_mix`, `metal_salt`.",
        examples=[["vasodilator"]],
    )
    composition_known: bool = Field(True, description="False: the maker does not say what is in.")
    allergy_classes: tuple[AllergyClass, ...] = Field((), max_length=40, examples=[["PARABEN"]])
    vehicle_classes: tuple[AllergyClass, ...] = Field((), max_length=40)
    contra_block: tuple[Code, ...] = Field(
        (), max_length=60, description="Condition codes that rule it out.", examples=[["PREGNANCY"]]
    )
    contra_override: tuple[Code, ...] = Field(
        (), max_length=60, description="Condition codes that need an override."
    )
    interactions: tuple[Code, ...] = Field((), max_length=60, description="Medicine codes.")
    atc: Line | None = None
    cas: Line | None = None
    unii: Line | None = None
    vehicle: Line | None = Field(None, description="Vehicle, pH and solubility, in words.")
    usual_concentration: Line | None = None
    usual_dose: Line | None = None
    cautions: Note | None = None
    limits: LimitsIn = LimitsIn.model_validate({})
    session_severity: Literal["block", "override"] = Field(
        "block", description="What a dose over `max_session` means."
    )
    source: Line = Field(description="Where all this comes from.", examples=["SmPC 2024"])
    evidence: Evidence


class LimitRead(Answer):
    """One figure in force, with where it comes from."""

    value: LimitValue
    unit: str = Field(examples=["mg/mL"])
    source: str = Field(examples=["label [LID-LBL]"])
    evidence: str = Field(description="Evidence mark.", examples=["label"])
    loosenable: bool = Field(True, description="False: a hard ceiling that no clinic may raise.")


class AreaLimitRead(Answer):
    """A maximum concentration that wins in one area."""

    area: str = Field(examples=["EYEBROW"])
    limit: LimitRead


class LimitsRead(Answer):
    """The figures in force. Null means that no limit is known, never that there is none."""

    max_concentration: LimitRead | None = None
    ceiling_concentration: LimitRead | None = None
    area_concentrations: tuple[AreaLimitRead, ...] = ()
    max_session: LimitRead | None = None
    ceiling_session: LimitRead | None = None
    session_severity: str | None = Field(None, examples=["block"])
    max_per_kg: LimitRead | None = None
    cumulative_max: LimitRead | None = None
    cumulative_window: LimitRead | None = None
    min_interval: LimitRead | None = None
    max_sessions: LimitRead | None = None
    max_per_cm2: LimitRead | None = None
    max_point: LimitRead | None = None
    solubility: LimitRead | None = None
    donation_deferral: LimitRead | None = None


class LimitsOrigin(Answer):
    """Which figures are in force, and what to think of them."""

    kind: Literal["rule_set", "clinic"] = Field(
        description="`rule_set`: the clinic's rule set in force; `clinic`: its own ingredient."
    )
    rule_set: str | None = Field(description="Its version.", examples=["reference-2026.1"])
    notice: str = Field(
        examples=["Reference defaults, to be confirmed by the clinic's medical director."]
    )


class IngredientRead(Answer):
    """An active or a vehicle with its identity, its limits in force and what to mind."""

    id: UUID
    code: str = Field(examples=["LIDOCAINE"])
    name: str
    category: str
    status: IngredientStatus
    unit: IngredientUnit
    role: IngredientRole
    reference: bool = Field(description="False: the clinic's own.")
    aliases: tuple[str, ...]
    attributes: tuple[str, ...]
    composition_known: bool
    allergy_classes: tuple[str, ...]
    vehicle_classes: tuple[str, ...]
    contra_block: tuple[str, ...]
    contra_override: tuple[str, ...]
    interactions: tuple[str, ...]
    allowed_areas: tuple[str, ...] = Field(description="Only these, where any is named.")
    denied_areas: tuple[str, ...]
    indications: tuple[str, ...]
    lab_interference: tuple[str, ...]
    atc: str | None
    cas: str | None
    unii: str | None
    vehicle: str | None
    usual_concentration: str | None
    usual_dose: str | None
    cautions: str | None
    limits: LimitsRead
    limits_origin: LimitsOrigin
    source: str | None
    evidence: str | None
    version: int
    created_at: Instant
    updated_at: Instant


class IngredientQuery(PageQuery):
    """Filters of the list."""

    status: IngredientStatus | None = Field(None, description="With this status.")
    category: Name | None = Field(None, description="Exactly this category.")
    reference: bool | None = Field(None, description="`false`: only the clinic's own.")
