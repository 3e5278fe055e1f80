"""What can be in a formula."""

from datetime import datetime
from enum import StrEnum

from models.base import ClinicRecord
from models.columns import coded, codes
from models.keys import unique


class IngredientStatus(StrEnum):
    ALLOWED = "allowed"
    RESTRICTED = "restricted"
    PROHIBITED = "prohibited"


class IngredientUnit(StrEnum):
    MG = "mg"
    UG = "ug"
    IU = "IU"
    U = "U"
    ML = "mL"


class Ingredient(ClinicRecord, table=True):
    """An active or a vehicle, with the one unit in which its amounts are counted.

    A reference ingredient takes its limits from the rule set; a clinic's own one carries them
    in `limits`, a canonical JSON object, because no rule set knows it. `evidence` is the
    evidence mark of the clinical reference and `source` its citation.
    """

    __tablename__ = "ingredient"
    __table_args__ = (unique("code"),)

    code: str
    name: str
    category: str
    status: IngredientStatus = coded(IngredientStatus, "status")
    unit: IngredientUnit = coded(IngredientUnit, "unit")
    role: str = "active"
    aliases: tuple[str, ...] = codes()
    local_anaesthetic: bool = False
    vasodilator: bool = False
    do_not_mix: bool = False
    allergy_classes: tuple[str, ...] = codes()
    vehicle_classes: tuple[str, ...] = codes()
    atc: str | None = None
    cas: str | None = None
    unii: str | None = None
    vehicle: str | None = None
    usual_concentration: str | None = None
    usual_dose: str | None = None
    cautions: str | None = None
    limits: str | None = None
    source: str | None = None
    evidence: str | None = None
    reference: bool = False
    retired_at: datetime | None = None
