"""Calendars that programs follow, each by a revocable secret address.

Revision 0020, after 0019. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PARENTS = {
    "practitioner_id": "staff_member",
    "room_id": "room",
    "created_by": "staff_member",
    "revoked_by": "staff_member",
}


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column(
            "detail",
            sa.Enum(
                "busy", "desk", name="detail", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(practitioner_id IS NULL) <> (room_id IS NULL)",
            name=op.f("ck_calendar_feed_practitioner_or_room"),
        ),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_calendar_feed_{column}"),
            )
            for column, parent in _PARENTS.items()
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_calendar_feed_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    for column in ("practitioner_id", "room_id"):
        op.create_index(op.f(f"ix_calendar_feed_{column}"), "calendar_feed", ["clinic_id", column])
