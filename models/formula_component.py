"""One line of a mixture."""

from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.columns import codes, quantity
from models.keys import belongs_to, indexed, unique, within


class FormulaComponent(ClinicRecord, table=True):
    """So much of one stock: concentration × volume is the dose, exactly.

    `concentration_milli` is thousandths of the ingredient's unit per mL, `volume_ul`
    microlitres, `dose_micro` millionths of the unit. `percent_wv_micro` is the strength on the
    label in millionths of a per cent, where it was stated. `syringe` numbers the syringes of
    one visit from 1. `product_facts` is a canonical JSON object of what the product's leaflet
    says (its own maxima, do-not-mix, oil or alcohol vehicle, sterile product).
    """

    __tablename__ = "formula_component"
    __table_args__ = (
        belongs_to("formula_version_id", "formula_version"),
        belongs_to("ingredient_id", "ingredient"),
        unique("formula_version_id", "position"),
        indexed("ingredient_id"),
        within("position", 0, 199),
        within("syringe", 1, 99),
        within("concentration_milli", 0, 1_000_000_000_000),
        within("volume_ul", 1, 1_000_000),
        within("percent_wv_micro", 0, 100_000_000),
        CheckConstraint("dose_micro = concentration_milli * volume_ul", name="dose_exact"),
    )

    formula_version_id: UUID
    position: int
    syringe: int = 1
    ingredient_id: UUID
    ingredient_code: str
    concentration_milli: int = quantity()
    volume_ul: int = quantity()
    dose_micro: int = quantity()
    percent_wv_micro: int | None = quantity(default=None)
    product_name: str | None = None
    product_facts: str | None = None
    excipient_classes: tuple[str, ...] = codes()
