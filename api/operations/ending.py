"""The end of an operation, told to whoever watches: its row, the audit log and the feed."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked
from api.operations.leasing import Lease, LeaseLost, written
from api.problems import Problem
from api.security import system_caller
from models import Clinic, Operation, OperationStatus


async def end(
    db: AsyncSession,
    lease: Lease,
    status: OperationStatus,
    *,
    result: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> None:
    """Store how it ended. Raises LeaseLost where it is no longer this process's to say."""
    row = await locked(db, Operation, lease.clinic_id, lease.operation_id)
    if row.lease_owner != lease.owner:
        raise LeaseLost
    clinic = await db.get_one(Clinic, lease.clinic_id)
    row.status = status
    row.lease_owner = row.lease_until = None
    row.finished_at = db.info["now"]
    row.result = written(result)
    row.problem = None if problem is None else written(_document(row, problem))
    if status is OperationStatus.SUCCEEDED:
        row.checkpoint = None
        row.total = row.done if row.total is None else row.total
    caller = system_caller(clinic, db.info["now"])
    audit.record(db, caller, f"operation.{status.value}", row)


def _document(row: Operation, problem: Problem) -> dict[str, Any]:
    return problem.document(f"/v1/operations/{row.id}", "")
