"""What happened afterwards.

Revision 0010, after 0009. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _side_effect()
    _side_effect_follow_up()
    _side_effect_review()


def _side_effect() -> None:
    op.create_table(
        "side_effect",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("entered_in_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_in_error_by", sa.Uuid(), nullable=True),
        sa.Column("entered_in_error_reason", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("term_text", sa.String(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("formula_version_id", sa.Uuid(), nullable=True),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("location_detail", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("onset_known", sa.Boolean(), nullable=False),
        sa.Column("first_noticed_on", sa.Date(), nullable=True),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("grade_scale", sa.String(), nullable=False),
        sa.Column("grade_scale_version", sa.String(), nullable=False),
        sa.Column("seriousness", sa.Text(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "reported_by",
            sa.Enum(
                "patient",
                "staff",
                name="reported_by",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspect_ingredient_codes", sa.Text(), nullable=False),
        sa.Column("suspect_lot_ids", sa.Text(), nullable=False),
        sa.Column("days_since_session", sa.Integer(), nullable=True),
        sa.Column(
            "expected",
            sa.Enum(
                "expected",
                "unexpected",
                "not_evaluable",
                name="expected",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("action_taken", sa.String(), nullable=True),
        sa.Column("treatment", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("contributing_factors", sa.Text(), nullable=False),
        sa.Column("photos_taken", sa.Boolean(), nullable=False),
        sa.Column("details", sa.String(), nullable=True),
        sa.Column("day0_on", sa.Date(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column("report_submitted_on", sa.Date(), nullable=True),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "under_review",
                "resolved",
                "entered_in_error",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("causality", sa.String(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'entered_in_error') = (entered_in_error_at IS NOT NULL)",
            name=op.f("ck_side_effect_error_state"),
        ),
        sa.CheckConstraint(
            "state <> 'resolved' OR resolved_at IS NOT NULL",
            name=op.f("ck_side_effect_resolved_when"),
        ),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_side_effect_entered_in_error"),
        ),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)",
            name=op.f("ck_side_effect_resolution_whole"),
        ),
        sa.CheckConstraint(
            "days_since_session BETWEEN -36500 AND 36500",
            name=op.f("ck_side_effect_days_since_session_range"),
        ),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_side_effect_ended_at_order")),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_side_effect_grade_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_side_effect_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_version_id"],
            ["formula_version.clinic_id", "formula_version.id"],
            name=op.f("fk_side_effect_formula_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_side_effect_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id", "patient_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id", "treatment_plan.patient_id"],
            name=op.f("fk_side_effect_plan_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id", "patient_id"],
            ["treatment_session.clinic_id", "treatment_session.id", "treatment_session.patient_id"],
            name=op.f("fk_side_effect_session_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_side_effect_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_side_effect")),
    )
    op.create_index(
        op.f("ix_side_effect_code_onset_on"),
        "side_effect",
        ["clinic_id", "code", "onset_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_side_effect_patient_id_onset_on"),
        "side_effect",
        ["clinic_id", "patient_id", "onset_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_side_effect_plan_id_state"),
        "side_effect",
        ["clinic_id", "plan_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_side_effect_reported_at"),
        "side_effect",
        ["clinic_id", "reported_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_side_effect_session_id"), "side_effect", ["clinic_id", "session_id"], unique=False
    )
    op.create_index(
        op.f("ix_side_effect_state_grade"),
        "side_effect",
        ["clinic_id", "state", "grade"],
        unique=False,
    )


def _side_effect_follow_up() -> None:
    op.create_table(
        "side_effect_follow_up",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("entered_in_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_in_error_by", sa.Uuid(), nullable=True),
        sa.Column("entered_in_error_reason", sa.String(), nullable=True),
        sa.Column("side_effect_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("action_taken", sa.String(), nullable=True),
        sa.Column("treatment", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shedding_score", sa.Integer(), nullable=True),
        sa.Column("shedding_scale", sa.String(), nullable=True),
        sa.Column("significant", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_side_effect_follow_up_entered_in_error"),
        ),
        sa.CheckConstraint(
            "grade BETWEEN 1 AND 5", name=op.f("ck_side_effect_follow_up_grade_range")
        ),
        sa.CheckConstraint(
            "shedding_score BETWEEN 0 AND 100",
            name=op.f("ck_side_effect_follow_up_shedding_score_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_side_effect_follow_up_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "side_effect_id"],
            ["side_effect.clinic_id", "side_effect.id"],
            name=op.f("fk_side_effect_follow_up_side_effect_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_side_effect_follow_up_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_side_effect_follow_up")),
    )
    op.create_index(
        op.f("ix_side_effect_follow_up_side_effect_id_noted_at"),
        "side_effect_follow_up",
        ["clinic_id", "side_effect_id", "noted_at"],
        unique=False,
    )


def _side_effect_review() -> None:
    op.create_table(
        "side_effect_review",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side_effect_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("causality", sa.String(), nullable=False),
        sa.Column("naranjo_answers", sa.Text(), nullable=False),
        sa.Column("naranjo_score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "naranjo_score BETWEEN -4 AND 13",
            name=op.f("ck_side_effect_review_naranjo_score_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_side_effect_review_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "reviewed_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_side_effect_review_reviewed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "side_effect_id"],
            ["side_effect.clinic_id", "side_effect.id"],
            name=op.f("fk_side_effect_review_side_effect_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_side_effect_review_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_side_effect_review")),
    )
    op.create_index(
        op.f("ix_side_effect_review_side_effect_id_reviewed_at"),
        "side_effect_review",
        ["clinic_id", "side_effect_id", "reviewed_at"],
        unique=False,
    )
