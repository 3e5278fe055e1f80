"""What every table shares: names of constraints, the row version, the owning clinic.

Nothing here knows HTTP or rules. Instants are stored and returned in UTC (SQLModel refuses a
naive one at the moment of writing); calendar days are the clinic's local days.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7


def _owned_columns(constraint: Any, table: Any) -> str:
    """The columns of a constraint without `clinic_id`, which all of them start with."""
    if isinstance(constraint, ForeignKeyConstraint):
        names = list(constraint.column_keys)
    else:
        names = [column.name for column in constraint.columns]
    return "_".join(name for name in names if name != "clinic_id") or "clinic"


# Both databases and Alembic must call a constraint the same: errors are recognised by name.
SQLModel.metadata.naming_convention = {
    "owned_columns": _owned_columns,
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(owned_columns)s",
    "uq": "uq_%(table_name)s_%(owned_columns)s",
    "ix": "ix_%(table_name)s_%(owned_columns)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def now() -> datetime:
    """This instant in UTC, for the two bookkeeping columns only; rules are told the time."""
    return datetime.now(UTC)


class Record(SQLModel):
    """A stored row. `version` is its ETag; it and `updated_at` are advanced by every update."""

    version: int = 1
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)


class ClinicRecord(Record):
    """A row owned by one clinic: the key itself carries the owner."""

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    id: UUID = Field(default_factory=uuid7, primary_key=True)
