"""What was injected.

Revision 0009, after 0008. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _administration()
    _administered_area()
    _administered_dose()
    _administered_lot()
    _addendum()


def _administration() -> None:
    op.create_table(
        "administration",
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
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("formula_version_id", sa.Uuid(), nullable=False),
        sa.Column("administered_by", sa.Uuid(), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("performed_on", sa.Date(), nullable=False),
        sa.Column("preparation_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("administered_ul", sa.BigInteger(), nullable=False),
        sa.Column("discarded_ul", sa.BigInteger(), nullable=False),
        sa.Column("observation_minutes", sa.Integer(), nullable=True),
        sa.Column("pain_score", sa.Integer(), nullable=True),
        sa.Column("visually_clear", sa.Boolean(), nullable=True),
        sa.Column("emergency_kit_checked_on", sa.Date(), nullable=True),
        sa.Column("retrospective", sa.Boolean(), nullable=False),
        sa.Column("retrospective_reason", sa.String(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_administration_entered_in_error"),
        ),
        sa.CheckConstraint(
            "administered_ul BETWEEN 0 AND 1000000",
            name=op.f("ck_administration_administered_ul_range"),
        ),
        sa.CheckConstraint(
            "discarded_ul BETWEEN 0 AND 1000000", name=op.f("ck_administration_discarded_ul_range")
        ),
        sa.CheckConstraint(
            "observation_minutes BETWEEN 0 AND 10000",
            name=op.f("ck_administration_observation_minutes_range"),
        ),
        sa.CheckConstraint(
            "pain_score BETWEEN 0 AND 10", name=op.f("ck_administration_pain_score_range")
        ),
        sa.CheckConstraint(
            "performed_at >= preparation_started_at",
            name=op.f("ck_administration_performed_at_order"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administered_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_administration_administered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_administration_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_version_id"],
            ["formula_version.clinic_id", "formula_version.id"],
            name=op.f("fk_administration_formula_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_administration_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id", "patient_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id", "treatment_plan.patient_id"],
            name=op.f("fk_administration_plan_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id", "patient_id"],
            ["treatment_session.clinic_id", "treatment_session.id", "treatment_session.patient_id"],
            name=op.f("fk_administration_session_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_administration_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_administration")),
    )
    op.create_index(
        op.f("ix_administration_formula_version_id_performed_on"),
        "administration",
        ["clinic_id", "formula_version_id", "performed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_administration_patient_id_performed_on"),
        "administration",
        ["clinic_id", "patient_id", "performed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_administration_plan_id_performed_on"),
        "administration",
        ["clinic_id", "plan_id", "performed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_administration_session_id"),
        "administration",
        ["clinic_id", "session_id"],
        unique=True,
        postgresql_where=sa.text("entered_in_error_at IS NULL"),
        sqlite_where=sa.text("entered_in_error_at IS NULL"),
    )


def _administered_area() -> None:
    op.create_table(
        "administered_area",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("administration_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "left",
                "right",
                "midline",
                "both",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("depth_um", sa.Integer(), nullable=True),
        sa.Column("technique", sa.String(), nullable=True),
        sa.Column("needle_gauge", sa.Integer(), nullable=True),
        sa.Column("area_cm2_hundredths", sa.Integer(), nullable=True),
        sa.Column("syringe", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "area_cm2_hundredths BETWEEN 1 AND 10000000",
            name=op.f("ck_administered_area_area_cm2_hundredths_range"),
        ),
        sa.CheckConstraint(
            "depth_um BETWEEN 1 AND 100000", name=op.f("ck_administered_area_depth_um_range")
        ),
        sa.CheckConstraint(
            "needle_gauge BETWEEN 10 AND 40", name=op.f("ck_administered_area_needle_gauge_range")
        ),
        sa.CheckConstraint(
            "points BETWEEN 1 AND 100000", name=op.f("ck_administered_area_points_range")
        ),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 199", name=op.f("ck_administered_area_position_range")
        ),
        sa.CheckConstraint(
            "syringe BETWEEN 1 AND 99", name=op.f("ck_administered_area_syringe_range")
        ),
        sa.CheckConstraint(
            "volume_ul BETWEEN 0 AND 1000000", name=op.f("ck_administered_area_volume_ul_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administration_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_administered_area_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_administered_area_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_administered_area_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_administered_area")),
        sa.UniqueConstraint(
            "clinic_id",
            "administration_id",
            "position",
            name=op.f("uq_administered_area_administration_id_position"),
        ),
    )
    op.create_index(
        op.f("ix_administered_area_patient_id_area"),
        "administered_area",
        ["clinic_id", "patient_id", "area"],
        unique=False,
    )


def _administered_dose() -> None:
    op.create_table(
        "administered_dose",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("administration_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("ingredient_id", sa.Uuid(), nullable=False),
        sa.Column("ingredient_code", sa.String(), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "mg",
                "ug",
                "IU",
                "U",
                "mL",
                name="unit",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("dose_micro", sa.BigInteger(), nullable=False),
        sa.Column("volume_ul", sa.BigInteger(), nullable=True),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("performed_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "dose_micro BETWEEN 0 AND 1000000000000000000",
            name=op.f("ck_administered_dose_dose_micro_range"),
        ),
        sa.CheckConstraint(
            "volume_ul BETWEEN 0 AND 1000000", name=op.f("ck_administered_dose_volume_ul_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administration_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_administered_dose_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ingredient_id"],
            ["ingredient.clinic_id", "ingredient.id"],
            name=op.f("fk_administered_dose_ingredient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_administered_dose_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "plan_id", "patient_id"],
            ["treatment_plan.clinic_id", "treatment_plan.id", "treatment_plan.patient_id"],
            name=op.f("fk_administered_dose_plan_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_administered_dose_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_administered_dose")),
        sa.UniqueConstraint(
            "clinic_id",
            "administration_id",
            "ingredient_code",
            name=op.f("uq_administered_dose_administration_id_ingredient_code"),
        ),
    )
    op.create_index(
        "ix_administered_dose_history",
        "administered_dose",
        ["clinic_id", "patient_id", "ingredient_code", "performed_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_administered_dose_ingredient_code_performed_on"),
        "administered_dose",
        ["clinic_id", "ingredient_code", "performed_on"],
        unique=False,
    )


def _administered_lot() -> None:
    op.create_table(
        "administered_lot",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("administration_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("ingredient_code", sa.String(), nullable=False),
        sa.Column("volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("performed_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "volume_ul BETWEEN 0 AND 1000000", name=op.f("ck_administered_lot_volume_ul_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administration_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_administered_lot_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "lot_id"],
            ["lot.clinic_id", "lot.id"],
            name=op.f("fk_administered_lot_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_administered_lot_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_administered_lot_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_administered_lot")),
        sa.UniqueConstraint(
            "clinic_id",
            "administration_id",
            "lot_id",
            name=op.f("uq_administered_lot_administration_id_lot_id"),
        ),
    )
    op.create_index(
        op.f("ix_administered_lot_lot_id_performed_on"),
        "administered_lot",
        ["clinic_id", "lot_id", "performed_on"],
        unique=False,
    )


def _addendum() -> None:
    op.create_table(
        "addendum",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("administration_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "administration_id"],
            ["administration.clinic_id", "administration.id"],
            name=op.f("fk_addendum_administration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_addendum_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_addendum_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_addendum")),
    )
    op.create_index(
        op.f("ix_addendum_administration_id"),
        "addendum",
        ["clinic_id", "administration_id"],
        unique=False,
    )
