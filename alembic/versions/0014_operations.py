"""Long work and what it found.

Revision 0014, after 0013. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("args", sa.String(), nullable=False),
        sa.Column("checkpoint", sa.String(), nullable=True),
        sa.Column("cancellable", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "requested_by_kind",
            sa.Enum(
                "staff",
                "api_key",
                "system",
                "anonymous",
                name="requested_by_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(status = 'running') = (lease_owner IS NOT NULL)", name=op.f("ck_operation_running")
        ),
        sa.CheckConstraint(
            "(status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_operation_finished"),
        ),
        sa.CheckConstraint(
            "(lease_owner IS NULL) = (lease_until IS NULL)", name=op.f("ck_operation_leased")
        ),
        sa.CheckConstraint("attempts BETWEEN 0 AND 1000", name=op.f("ck_operation_attempts_range")),
        sa.CheckConstraint("done BETWEEN 0 AND 1000000000", name=op.f("ck_operation_done_range")),
        sa.CheckConstraint("total BETWEEN 0 AND 1000000000", name=op.f("ck_operation_total_range")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_operation_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_operation")),
    )
    op.create_index(
        op.f("ix_operation_created_at"),
        "operation",
        ["clinic_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'running')"),
        sqlite_where=sa.text("status IN ('queued', 'running')"),
    )
    op.create_index(
        op.f("ix_operation_kind_id"), "operation", ["clinic_id", "kind", "id"], unique=False
    )

    op.create_table(
        "operation_item",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.CheckConstraint(
            "position BETWEEN 1 AND 1000000000", name=op.f("ck_operation_item_position_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "operation_id"],
            ["operation.clinic_id", "operation.id"],
            name=op.f("fk_operation_item_operation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_operation_item_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_operation_item")),
        sa.UniqueConstraint(
            "clinic_id",
            "operation_id",
            "position",
            name=op.f("uq_operation_item_operation_id_position"),
        ),
    )
    op.create_index(
        op.f("ix_operation_item_operation_id_subject_id"),
        "operation_item",
        ["clinic_id", "operation_id", "subject_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_operation_item_operation_id_topic_position"),
        "operation_item",
        ["clinic_id", "operation_id", "topic", "position"],
        unique=False,
    )
