"""A proposal to move what cannot take place, because somebody or something is unavailable."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from models.clinical_record import RecordedRow
from models.columns import coded
from models.keys import belongs_to, indexed, ordered, together, within


class RepairState(StrEnum):
    PLANNING = "planning"
    PROPOSED = "proposed"
    APPLIED = "applied"


class RepairPlanner(StrEnum):
    GREEDY = "greedy"
    HIGHS = "highs"


class Repair(RecordedRow, table=True):
    """What is unavailable from `starts_at` until just before `ends_at`, and how well the sessions
    in that time could be placed elsewhere.

    A practitioner, a room, or (both null) the whole clinic. The operation works the proposal out;
    its lines, one per affected session, are the operation's items. `objective` is what the
    proposal costs, `bound` what no proposal can cost less than; `gap_e4` is their distance as
    ten-thousandths of the objective, rounded up. `in_time`: the work was done before the time ran
    out. `worked_ms`: how long it took.
    """

    __tablename__ = "repair"
    __table_args__ = (
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        belongs_to("operation_id", "operation"),
        CheckConstraint("practitioner_id IS NULL OR room_id IS NULL", name="one_thing"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        ordered("bound", "objective"),
        within("gap_e4", 0, 10_000),
        within("affected", 0, 100_000),
        within("placed", 0, 100_000),
        together(
            "objective", "bound", "gap_e4", "planner", "in_time", "worked_ms", "affected",
            "placed", name="proposed",
        ),
        CheckConstraint("(state = 'planning') = (objective IS NULL)", name="planning"),
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied"),
        together("applied_at", "applied_by", name="applied_by"),
        indexed("recorded_at", "id"),
    )  # fmt: skip

    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    starts_at: datetime
    ends_at: datetime
    reason: str
    options: str
    operation_id: UUID
    state: RepairState = coded(RepairState, "state", default=RepairState.PLANNING)
    affected: int | None = None
    placed: int | None = None
    objective: int | None = Field(default=None, sa_type=BigInteger)
    bound: int | None = Field(default=None, sa_type=BigInteger)
    gap_e4: int | None = None
    planner: RepairPlanner | None = coded(RepairPlanner, "planner", default=None)
    in_time: bool | None = None
    worked_ms: int | None = None
    applied_at: datetime | None = None
    applied_by: UUID | None = None
