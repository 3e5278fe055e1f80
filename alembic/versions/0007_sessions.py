"""Plans and their sessions.

Revision 0007, after 0006. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _treatment_plan()
    _treatment_session()


def _treatment_plan() -> None:
    op.create_table(
        "treatment_plan",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("protocol_version_id", sa.Uuid(), nullable=False),
        sa.Column("formula_version_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("diagnosis_icd10", sa.String(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("volume_per_session_ul", sa.BigInteger(), nullable=False),
        sa.Column("technique", sa.String(), nullable=True),
        sa.Column("needle_gauge", sa.Integer(), nullable=True),
        sa.Column("depth_um", sa.Integer(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("goals", sa.String(), nullable=True),
        sa.Column("expectations", sa.String(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "active",
                "on_hold",
                "completed",
                "stopped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activation_decision_id", sa.Uuid(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "depth_um BETWEEN 1 AND 100000", name=op.f("ck_treatment_plan_depth_um_range")
        ),
        sa.CheckConstraint(
            "needle_gauge BETWEEN 10 AND 40", name=op.f("ck_treatment_plan_needle_gauge_range")
        ),
        sa.CheckConstraint(
            "points BETWEEN 1 AND 100000", name=op.f("ck_treatment_plan_points_range")
        ),
        sa.CheckConstraint(
            "volume_per_session_ul BETWEEN 1 AND 1000000",
            name=op.f("ck_treatment_plan_volume_per_session_ul_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "activation_decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_treatment_plan_activation_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_version_id"],
            ["formula_version.clinic_id", "formula_version.id"],
            name=op.f("fk_treatment_plan_formula_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_treatment_plan_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "practitioner_id"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_treatment_plan_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_version_id"],
            ["protocol_version.clinic_id", "protocol_version.id"],
            name=op.f("fk_treatment_plan_protocol_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_treatment_plan_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_treatment_plan")),
        sa.UniqueConstraint(
            "clinic_id", "id", "patient_id", name=op.f("uq_treatment_plan_id_patient_id")
        ),
    )
    op.create_index(
        op.f("ix_treatment_plan_formula_version_id"),
        "treatment_plan",
        ["clinic_id", "formula_version_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_plan_patient_id"),
        "treatment_plan",
        ["clinic_id", "patient_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_plan_practitioner_id"),
        "treatment_plan",
        ["clinic_id", "practitioner_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_plan_protocol_version_id"),
        "treatment_plan",
        ["clinic_id", "protocol_version_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_plan_state"), "treatment_plan", ["clinic_id", "state"], unique=False
    )


def _treatment_session() -> None:
    op.create_table(
        "treatment_session",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("session_number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheduled_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "confirmed",
                "checked_in",
                "completed",
                "cancelled",
                "no_show",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "overbooks",
            sa.Enum(
                "practitioner",
                "room",
                "patient",
                name="overbooks",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("check_in_decision_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("no_show_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_treatment_session_ends_after_start")
        ),
        sa.CheckConstraint(
            "session_number BETWEEN 1 AND 10000",
            name=op.f("ck_treatment_session_session_number_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "check_in_decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_treatment_session_check_in_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_treatment_session_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id", "patient_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id", "treatment_plan.patient_id"],
            name=op.f("fk_treatment_session_plan_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "practitioner_id"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_treatment_session_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_treatment_session_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_treatment_session_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_treatment_session")),
        sa.UniqueConstraint(
            "clinic_id", "id", "patient_id", name=op.f("uq_treatment_session_id_patient_id")
        ),
    )
    op.create_index(
        op.f("ix_treatment_session_patient_id_starts_at"),
        "treatment_session",
        ["clinic_id", "patient_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_plan_id_scheduled_on"),
        "treatment_session",
        ["clinic_id", "plan_id", "scheduled_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_practitioner_id_starts_at"),
        "treatment_session",
        ["clinic_id", "practitioner_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_room_id_starts_at"),
        "treatment_session",
        ["clinic_id", "room_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_starts_at"),
        "treatment_session",
        ["clinic_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_treatment_session_state_starts_at"),
        "treatment_session",
        ["clinic_id", "state", "starts_at"],
        unique=False,
    )
