"""Proposals that move sessions when somebody or something is unavailable.

Revision 0022, after 0021. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PARENTS = {"practitioner_id": "staff_member", "room_id": "room", "operation_id": "operation"}
_PROPOSED = ("bound", "gap_e4", "planner", "in_time", "worked_ms", "affected", "placed")
_PROPOSED_TOGETHER = " AND ".join(f"(objective IS NULL) = ({name} IS NULL)" for name in _PROPOSED)


def _coded(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    op.create_table(
        "repair",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("options", sa.String(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("state", _coded("state", ("planning", "proposed", "applied")), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=True),
        sa.Column("placed", sa.Integer(), nullable=True),
        sa.Column("objective", sa.BigInteger(), nullable=True),
        sa.Column("bound", sa.BigInteger(), nullable=True),
        sa.Column("gap_e4", sa.Integer(), nullable=True),
        sa.Column("planner", _coded("planner", ("greedy", "highs")), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("worked_ms", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        *_checks(),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_repair_{column}"),
            )
            for column, parent in _PARENTS.items()
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_repair_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_repair")),
    )
    op.create_index(op.f("ix_repair_recorded_at_id"), "repair", ["clinic_id", "recorded_at", "id"])


def _checks() -> list[sa.CheckConstraint]:
    said = {
        "one_thing": "practitioner_id IS NULL OR room_id IS NULL",
        "ends_after_start": "ends_at > starts_at",
        "objective_order": "objective >= bound",
        "gap_e4_range": "gap_e4 BETWEEN 0 AND 10000",
        "affected_range": "affected BETWEEN 0 AND 100000",
        "placed_range": "placed BETWEEN 0 AND 100000",
        "proposed": _PROPOSED_TOGETHER,
        "planning": "(state = 'planning') = (objective IS NULL)",
        "applied": "(state = 'applied') = (applied_at IS NOT NULL)",
        "applied_by": "(applied_at IS NULL) = (applied_by IS NULL)",
    }
    return [sa.CheckConstraint(text, name=op.f(f"ck_repair_{name}")) for name, text in said.items()]
