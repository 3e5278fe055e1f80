"""Who waits for time to become free, what became free, and to whom it was offered.

Revision 0023, after 0022. Forward only.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _entries()
    _slots()
    _offers()


def _entries() -> None:
    op.create_table(
        "waitlist_entry",
        *_stamps(),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_ids", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("earliest_time", sa.String(), nullable=True),
        sa.Column("latest_time", sa.String(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("state", _one_of("state", "waiting", "booked", "withdrawn"), nullable=False),
        sa.Column("booked_session_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 5 AND 480",
            name=op.f("ck_waitlist_entry_duration_minutes_range"),
        ),
        sa.CheckConstraint(
            "earliest_time < latest_time", name=op.f("ck_waitlist_entry_time_order")
        ),
        _belongs("waitlist_entry", "plan_id", "treatment_plan", "patient_id"),
        _belongs("waitlist_entry", "booked_session_id", "treatment_session"),
        *_keys("waitlist_entry"),
        _unique("waitlist_entry", "id", "patient_id"),
    )
    _index("waitlist_entry", "state", "recorded_at", "id")
    _index("waitlist_entry", "patient_id")
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        op.f("ix_waitlist_entry_plan_id"),
        "waitlist_entry",
        ["clinic_id", "plan_id"],
        unique=True,
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def _slots() -> None:
    op.create_table(
        "freed_slot",
        *_stamps(),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_freed_slot_ends_after_start")),
        _belongs("freed_slot", "session_id", "treatment_session"),
        _belongs("freed_slot", "practitioner_id", "staff_member"),
        _belongs("freed_slot", "room_id", "room"),
        *_keys("freed_slot"),
    )
    _index("freed_slot", "starts_at")


def _offers() -> None:
    op.create_table(
        "waitlist_offer",
        *_stamps(),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", _one_of("answer", "none", "accepted", "declined"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("place BETWEEN 1 AND 1000", name=op.f("ck_waitlist_offer_place_range")),
        sa.CheckConstraint(
            "expires_at >= opens_at", name=op.f("ck_waitlist_offer_expires_at_order")
        ),
        _belongs("waitlist_offer", "slot_id", "freed_slot"),
        _belongs("waitlist_offer", "entry_id", "waitlist_entry", "patient_id"),
        _belongs("waitlist_offer", "session_id", "treatment_session"),
        *_keys("waitlist_offer"),
        _unique("waitlist_offer", "slot_id", "place"),
        _unique("waitlist_offer", "slot_id", "entry_id"),
    )
    _index("waitlist_offer", "expires_at", "id")
    _index("waitlist_offer", "entry_id")


def _stamps() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f(f"fk_{table}_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f(f"pk_{table}")),
    ]


def _belongs(table: str, column: str, parent: str, *same: str) -> sa.ForeignKeyConstraint:
    columns = [column, *same]
    return sa.ForeignKeyConstraint(
        ["clinic_id", *columns],
        [f"{parent}.{name}" for name in ("clinic_id", "id", *same)],
        name=op.f(f"fk_{table}_{'_'.join(columns)}"),
    )


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("clinic_id", *columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, ["clinic_id", *columns])


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
