"""Measurements, and the screening before a session.

Revision 0008, after 0007. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _measurement()
    _screening()


def _measurement() -> None:
    op.create_table(
        "measurement",
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
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value_scaled", sa.BigInteger(), nullable=True),
        sa.Column("value_places", sa.Integer(), nullable=True),
        sa.Column("value_code", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("scale", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_measurement_entered_in_error"),
        ),
        sa.CheckConstraint(
            "(value_scaled IS NULL) <> (value_code IS NULL)", name=op.f("ck_measurement_one_value")
        ),
        sa.CheckConstraint(
            "(value_scaled IS NULL) = (value_places IS NULL)",
            name=op.f("ck_measurement_value_whole"),
        ),
        sa.CheckConstraint(
            "value_places BETWEEN 0 AND 9", name=op.f("ck_measurement_value_places_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_measurement_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["treatment_session.clinic_id", "treatment_session.id"],
            name=op.f("fk_measurement_session_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_measurement_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_measurement")),
    )
    op.create_index(
        op.f("ix_measurement_patient_id_kind_measured_at"),
        "measurement",
        ["clinic_id", "patient_id", "kind", "measured_at"],
        unique=False,
    )


def _screening() -> None:
    op.create_table(
        "screening",
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
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=False),
        sa.Column("identity_confirmed", sa.Boolean(), nullable=True),
        sa.Column("area_marked", sa.Boolean(), nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("allergies_confirmed", sa.Boolean(), nullable=True),
        sa.Column("childbearing_potential", sa.Boolean(), nullable=True),
        sa.Column(
            "pregnancy_status",
            sa.Enum(
                "not_pregnant",
                "pregnant",
                "unknown",
                "not_applicable",
                name="pregnancy_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("pregnancy_test_on", sa.Date(), nullable=True),
        sa.Column(
            "pregnancy_test_result",
            sa.Enum(
                "negative",
                "positive",
                name="pregnancy_test_result",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("contraception", sa.String(), nullable=True),
        sa.Column("contraception_effective", sa.Boolean(), nullable=True),
        sa.Column("lactating", sa.Boolean(), nullable=True),
        sa.Column("changes_asked", sa.Boolean(), nullable=True),
        sa.Column("changes_reported", sa.String(), nullable=True),
        sa.Column("events_asked", sa.Boolean(), nullable=True),
        sa.Column("events_reported", sa.String(), nullable=True),
        sa.Column("shedding_score", sa.Integer(), nullable=True),
        sa.Column("shedding_scale", sa.String(), nullable=True),
        sa.Column("pull_test_hairs", sa.Integer(), nullable=True),
        sa.Column("pull_test_site", sa.String(), nullable=True),
        sa.Column("weight_g", sa.BigInteger(), nullable=True),
        sa.Column("systolic_mmhg", sa.Integer(), nullable=True),
        sa.Column("diastolic_mmhg", sa.Integer(), nullable=True),
        sa.Column("pulse_bpm", sa.Integer(), nullable=True),
        sa.Column("temperature_centi", sa.Integer(), nullable=True),
        sa.Column("pain_score", sa.Integer(), nullable=True),
        sa.Column("site_clear", sa.Boolean(), nullable=True),
        sa.Column("site_findings", sa.Text(), nullable=False),
        sa.Column("photo_taken", sa.Boolean(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_screening_entered_in_error"),
        ),
        sa.CheckConstraint(
            "diastolic_mmhg BETWEEN 0 AND 300", name=op.f("ck_screening_diastolic_mmhg_range")
        ),
        sa.CheckConstraint(
            "pain_score BETWEEN 0 AND 10", name=op.f("ck_screening_pain_score_range")
        ),
        sa.CheckConstraint(
            "pull_test_hairs BETWEEN 0 AND 100", name=op.f("ck_screening_pull_test_hairs_range")
        ),
        sa.CheckConstraint(
            "pulse_bpm BETWEEN 0 AND 400", name=op.f("ck_screening_pulse_bpm_range")
        ),
        sa.CheckConstraint(
            "shedding_score BETWEEN 0 AND 100", name=op.f("ck_screening_shedding_score_range")
        ),
        sa.CheckConstraint(
            "systolic_mmhg BETWEEN 0 AND 400", name=op.f("ck_screening_systolic_mmhg_range")
        ),
        sa.CheckConstraint(
            "temperature_centi BETWEEN 2000 AND 5000",
            name=op.f("ck_screening_temperature_centi_range"),
        ),
        sa.CheckConstraint(
            "weight_g BETWEEN 500 AND 1000000", name=op.f("ck_screening_weight_g_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "consent_id"],
            ["consent.clinic_id", "consent.id"],
            name=op.f("fk_screening_consent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_screening_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_screening_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id", "patient_id"],
            ["treatment_session.clinic_id", "treatment_session.id", "treatment_session.patient_id"],
            name=op.f("fk_screening_session_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_screening_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_screening")),
    )
    op.create_index(
        op.f("ix_screening_session_id"),
        "screening",
        ["clinic_id", "session_id"],
        unique=True,
        postgresql_where=sa.text("entered_in_error_at IS NULL"),
        sqlite_where=sa.text("entered_in_error_at IS NULL"),
    )
