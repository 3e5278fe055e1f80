"""Which version of a protocol and of a formula a plan pins, and who performs it."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import NotFound, invalid
from api.security import Caller
from models import (
    Formula,
    FormulaState,
    FormulaVersion,
    ProtocolState,
    ProtocolVersion,
    StaffMember,
    TreatmentProtocol,
)
from models.base import ClinicRecord

Row = TypeVar("Row", bound=ClinicRecord)
Version = TypeVar("Version", ProtocolVersion, FormulaVersion)


async def named(db: AsyncSession, kind: type[Row], caller: Caller, row_id: UUID, field: str) -> Row:
    """The row that a request's field names, or NotFound with a pointer to that field."""
    row = await db.get(kind, (caller.clinic_id, row_id))
    if row is None:
        raise NotFound(f"{field} names nothing that exists.", pointer=f"/{field}")
    return row


async def protocol_version(
    db: AsyncSession, caller: Caller, protocol_id: UUID, number: int | None
) -> ProtocolVersion:
    """The version asked for; without a number the newest approved, else the newest draft."""
    await named(db, TreatmentProtocol, caller, protocol_id, "protocol_id")
    statement = select(ProtocolVersion).where(
        ProtocolVersion.clinic_id == caller.clinic_id, ProtocolVersion.protocol_id == protocol_id
    )
    usable = (ProtocolState.APPROVED, ProtocolState.DRAFT)
    narrowed = _narrowed(statement, ProtocolVersion, number, usable)
    rows: Sequence[ProtocolVersion] = (await db.exec(narrowed)).all()
    return _usable(rows, number, "protocol")


async def formula_version(
    db: AsyncSession, caller: Caller, formula_id: UUID, number: int | None
) -> FormulaVersion:
    """The version asked for; without a number the newest approved, else the newest draft."""
    await named(db, Formula, caller, formula_id, "formula_id")
    statement = select(FormulaVersion).where(
        FormulaVersion.clinic_id == caller.clinic_id, FormulaVersion.formula_id == formula_id
    )
    usable = (FormulaState.APPROVED, FormulaState.DRAFT)
    narrowed = _narrowed(statement, FormulaVersion, number, usable)
    rows: Sequence[FormulaVersion] = (await db.exec(narrowed)).all()
    return _usable(rows, number, "formula")


def _narrowed(
    statement: Any, kind: type[ClinicRecord], number: int | None, usable: tuple[Any, Any]
) -> Any:
    """That number; or, best first, the newest of the usable versions."""
    table: Any = kind
    if number is not None:
        return statement.where(table.number == number)
    approved_first = (col(table.state) == usable[0]).desc()
    best = statement.where(col(table.state).in_(usable))
    return best.order_by(approved_first, col(table.number).desc()).limit(1)


def _usable(rows: Sequence[Version], number: int | None, kind: str) -> Version:
    if not rows and number is not None:
        raise NotFound(f"The {kind} has no such version.", pointer=f"/{kind}_version")
    if not rows or rows[0].state.value == "retired":
        field = f"/{kind}_id" if number is None else f"/{kind}_version"
        raise invalid(field, "retired", f"This {kind} is retired; choose another one.")
    return rows[0]


def performs(member: StaffMember) -> bool:
    """Whether somebody takes sessions now."""
    return member.bookable and member.disabled_at is None


async def practitioner(db: AsyncSession, caller: Caller, staff_id: UUID) -> StaffMember:
    """The practitioner whom the request names; InvalidRequest where they take no sessions."""
    member = await named(db, StaffMember, caller, staff_id, "practitioner_id")
    if not performs(member):
        raise invalid("/practitioner_id", "not_bookable", "This person does not take sessions.")
    return member
