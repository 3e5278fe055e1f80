"""Sessions that went to another practitioner's or room's calendar.

Revision 0026, after 0025. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLE = "calendar_departure"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "practitioner_id IS NOT NULL OR room_id IS NOT NULL",
            name=op.f("ck_calendar_departure_left_one"),
        ),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_calendar_departure_ends_after_start")
        ),
        sa.CheckConstraint(
            "sequence BETWEEN 1 AND 1000000000", name=op.f("ck_calendar_departure_sequence_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_calendar_departure_clinic")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_calendar_departure_{column}"),
            )
            for column, parent in (
                ("session_id", "treatment_session"),
                ("practitioner_id", "staff_member"),
                ("room_id", "room"),
            )
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_calendar_departure")),
    )
    for column in ("practitioner_id", "room_id"):
        op.create_index(
            op.f(f"ix_calendar_departure_{column}_left_at"),
            _TABLE,
            ["clinic_id", column, "left_at"],
        )
