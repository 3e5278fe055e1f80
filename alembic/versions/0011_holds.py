"""What must not go on.

Revision 0011, after 0010. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _hold()


def _hold() -> None:
    op.create_table(
        "hold",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "session",
                "area",
                "formula",
                "ingredient",
                "lot",
                "plan",
                "patient",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "effect",
            sa.Enum(
                "block",
                "override",
                name="effect",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("formula_id", sa.Uuid(), nullable=True),
        sa.Column("ingredient_code", sa.String(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("side_effect_id", sa.Uuid(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("release_role", sa.String(), nullable=False),
        sa.Column("release_criteria", sa.String(), nullable=True),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_by_rule", sa.String(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("release_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(scope = 'session' AND session_id IS NOT NULL)\n OR (scope = 'area' AND area IS NOT NULL AND patient_id IS NOT NULL)\n OR (scope = 'formula' AND formula_id IS NOT NULL)\n OR (scope = 'ingredient' AND ingredient_code IS NOT NULL)\n OR (scope = 'lot' AND lot_id IS NOT NULL)\n OR (scope = 'plan' AND plan_id IS NOT NULL)\n OR (scope = 'patient' AND patient_id IS NOT NULL)",
            name=op.f("ck_hold_subject_given"),
        ),
        sa.CheckConstraint(
            "(released_by IS NULL) = (released_at IS NULL) AND (released_by IS NULL) = "
            "(release_reason IS NULL)",
            name=op.f("ck_hold_release"),
        ),
        sa.CheckConstraint(
            "opened_by IS NOT NULL OR opened_by_rule IS NOT NULL",
            name=op.f("ck_hold_opened_by_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_id"],
            ["formula.clinic_id", "formula.id"],
            name=op.f("fk_hold_formula_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "lot_id"], ["lot.clinic_id", "lot.id"], name=op.f("fk_hold_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_hold_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id"],
            name=op.f("fk_hold_plan_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "released_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_hold_released_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["treatment_session.clinic_id", "treatment_session.id"],
            name=op.f("fk_hold_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "side_effect_id"],
            ["side_effect.clinic_id", "side_effect.id"],
            name=op.f("fk_hold_side_effect_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_hold_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_patient_id"), "hold", ["clinic_id", "patient_id"], unique=False)
    op.create_index(op.f("ix_hold_plan_id"), "hold", ["clinic_id", "plan_id"], unique=False)
    op.create_index(
        op.f("ix_hold_scope"),
        "hold",
        ["clinic_id", "scope"],
        unique=False,
        postgresql_where=sa.text("released_at IS NULL"),
        sqlite_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        op.f("ix_hold_side_effect_id"), "hold", ["clinic_id", "side_effect_id"], unique=False
    )
