"""Work that takes longer than a request should."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.actor import ActorKind
from models.base import ClinicRecord
from models.columns import coded
from models.keys import indexed, indexed_where, together, within


class OperationStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Operation(ClinicRecord, table=True):
    """One piece of long work: what is to be done, how far it is, and who works on it.

    The row is the job. Whoever works on it holds a lease, `lease_owner` until `lease_until`;
    when the lease runs out, the process is gone and another takes over where `checkpoint` says.
    `args`, `checkpoint`, `result` and `problem` are canonical JSON. `scope` is what a caller
    needs to see it. `version` counts what people decide (its making, cancelling and end), not
    progress. `total` is null until it is known.
    """

    __tablename__ = "operation"
    __table_args__ = (
        together("lease_owner", "lease_until", name="leased"),
        CheckConstraint(
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="finished",
        ),
        CheckConstraint("(status = 'running') = (lease_owner IS NOT NULL)", name="running"),
        within("done", 0, 1_000_000_000),
        within("total", 0, 1_000_000_000),
        within("attempts", 0, 1000),
        indexed("kind", "id"),
        indexed_where("status IN ('queued', 'running')", "created_at"),
    )

    kind: str
    scope: str
    status: OperationStatus = coded(OperationStatus, "status", default=OperationStatus.QUEUED)
    args: str
    checkpoint: str | None = None
    cancellable: bool = True
    done: int = 0
    total: int | None = None
    result: str | None = None
    problem: str | None = None
    attempts: int = 0
    lease_owner: UUID | None = None
    lease_until: datetime | None = None
    cancel_requested_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    requested_by_kind: ActorKind = coded(ActorKind, "requested_by_kind")
    requested_by: UUID
