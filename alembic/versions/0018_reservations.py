"""Slots that are kept free for a moment, and the guards between them and the sessions.

Revision 0018, after 0017. Forward only.
"""

import sqlalchemy as sa
from alembic import op

from models.guards import statements

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PARENTS = {
    "practitioner_id": "staff_member",
    "room_id": "room",
    "patient_id": "patient",
}
_INDEXES = (
    ("practitioner_id", "occupied_until"),
    ("room_id", "occupied_until"),
    ("patient_id", "ends_at"),
    ("expires_at", "id"),
)


def upgrade() -> None:
    op.create_table(
        "slot_reservation",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occupied_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occupied_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_slot_reservation_ends_after_start")
        ),
        sa.CheckConstraint(
            "occupied_from <= starts_at AND occupied_until >= ends_at",
            name=op.f("ck_slot_reservation_occupied_around"),
        ),
        sa.CheckConstraint(
            "plan_id IS NULL OR patient_id IS NOT NULL",
            name=op.f("ck_slot_reservation_plan_with_patient"),
        ),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_slot_reservation_{column}"),
            )
            for column, parent in _PARENTS.items()
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id", "patient_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id", "treatment_plan.patient_id"],
            name=op.f("fk_slot_reservation_plan_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_slot_reservation_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_slot_reservation")),
    )
    for columns in _INDEXES:
        name = op.f(f"ix_slot_reservation_{'_'.join(columns)}")
        op.create_index(name, "slot_reservation", ["clinic_id", *columns])
    for statement in statements(op.get_bind().dialect.name, since=revision):
        op.execute(statement)
