"""One state of a mixture; what patients were given stays readable for ever."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.clinical_record import RecordedRow
from models.columns import coded, quantity
from models.keys import belongs_to, together, unique, within


class FormulaState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class FormulaVersion(RecordedRow, table=True):
    """A version of a formula. `recorded_by` is its author; the approver is somebody else.

    Once it is no longer a draft the database refuses any change to it but its retirement, and
    any change to its components. To store an approved one: insert the draft, insert its
    components, then approve.
    """

    __tablename__ = "formula_version"
    __table_args__ = (
        belongs_to("formula_id", "formula"),
        belongs_to("supersedes_id", "formula_version"),
        belongs_to("approved_by", "staff_member"),
        belongs_to("retired_by", "staff_member"),
        belongs_to("decision_id", "decision"),
        unique("formula_id", "number"),
        within("number", 1, 1_000_000),
        within("total_volume_ul", 1, 1_000_000),
        within("ph_hundredths", 0, 1400),
        together("approved_by", "approved_at", name="approval"),
    )

    formula_id: UUID
    number: int
    state: FormulaState = coded(FormulaState, "state", default=FormulaState.DRAFT)
    total_volume_ul: int = quantity()
    ph_hundredths: int | None = None
    notes: str | None = None
    change_reason: str | None = None
    supersedes_id: UUID | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    decision_id: UUID | None = None
    retired_by: UUID | None = None
    retired_at: datetime | None = None
    retired_reason: str | None = None
