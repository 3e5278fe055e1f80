"""Patients, and what they have and were found to have.

Revision 0003, after 0002. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _patient()
    _patient_search_term()
    _allergy()
    _condition()
    _medication()
    _assessment()
    _assessment_diagnosis()


def _patient() -> None:
    op.create_table(
        "patient",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_number", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column(
            "sex",
            sa.Enum(
                "female",
                "male",
                "other",
                "unknown",
                name="sex",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_digits", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("emergency_contact", sa.String(), nullable=True),
        sa.Column("childbearing_potential", sa.Boolean(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_patient_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient")),
        sa.UniqueConstraint("clinic_id", "record_number", name=op.f("uq_patient_record_number")),
    )
    op.create_index(op.f("ix_patient_born_on"), "patient", ["clinic_id", "born_on"], unique=False)
    op.create_index(
        op.f("ix_patient_family_name_given_name"),
        "patient",
        ["clinic_id", "family_name", "given_name"],
        unique=False,
    )
    op.create_index(
        op.f("ix_patient_phone_digits"), "patient", ["clinic_id", "phone_digits"], unique=False
    )


def _patient_search_term() -> None:
    op.create_table(
        "patient_search_term",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column(
            "term", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_search_term_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_patient_search_term_clinic")
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "term", "patient_id", name=op.f("pk_patient_search_term")
        ),
    )
    op.create_index(
        op.f("ix_patient_search_term_patient_id"),
        "patient_search_term",
        ["clinic_id", "patient_id"],
        unique=False,
    )


def _allergy() -> None:
    op.create_table(
        "allergy",
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
        sa.Column("ingredient_code", sa.String(), nullable=True),
        sa.Column("substance", sa.String(), nullable=True),
        sa.Column("reaction", sa.String(), nullable=True),
        sa.Column(
            "severity",
            sa.Enum(
                "mild",
                "moderate",
                "severe",
                "life_threatening",
                "unknown",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "resolved",
                "refuted",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_allergy_entered_in_error"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_allergy_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_allergy_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_allergy")),
    )
    op.create_index(
        op.f("ix_allergy_patient_id"), "allergy", ["clinic_id", "patient_id"], unique=False
    )


def _condition() -> None:
    op.create_table(
        "condition",
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
        sa.Column("icd10", sa.String(), nullable=True),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_condition_entered_in_error"),
        ),
        sa.CheckConstraint("ended_on >= onset_on", name=op.f("ck_condition_ended_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_condition_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_condition_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_condition")),
    )
    op.create_index(
        op.f("ix_condition_patient_id"), "condition", ["clinic_id", "patient_id"], unique=False
    )


def _medication() -> None:
    op.create_table(
        "medication",
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
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("dosage", sa.String(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_medication_entered_in_error"),
        ),
        sa.CheckConstraint("stopped_on >= started_on", name=op.f("ck_medication_stopped_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_medication_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_medication_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_medication")),
    )
    op.create_index(
        op.f("ix_medication_patient_id"), "medication", ["clinic_id", "patient_id"], unique=False
    )


def _assessment() -> None:
    op.create_table(
        "assessment",
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
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("scale", sa.String(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("extent", sa.String(), nullable=True),
        sa.Column("findings", sa.String(), nullable=True),
        sa.Column("trichoscopy", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.String(), nullable=True),
        sa.Column("is_outcome_review", sa.Boolean(), nullable=False),
        sa.Column("photos_taken", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_assessment_entered_in_error"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "assessed_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_assessment_assessed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_assessment_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_assessment_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_assessment")),
    )
    op.create_index(
        op.f("ix_assessment_patient_id_assessed_on"),
        "assessment",
        ["clinic_id", "patient_id", "assessed_on"],
        unique=False,
    )


def _assessment_diagnosis() -> None:
    op.create_table(
        "assessment_diagnosis",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("icd10", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "confirmed",
                "suspected",
                "ruled_out",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("area", sa.String(), nullable=True),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 99", name=op.f("ck_assessment_diagnosis_position_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "assessment_id"],
            ["assessment.clinic_id", "assessment.id"],
            name=op.f("fk_assessment_diagnosis_assessment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_assessment_diagnosis_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_assessment_diagnosis_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_assessment_diagnosis")),
        sa.UniqueConstraint(
            "clinic_id",
            "assessment_id",
            "position",
            name=op.f("uq_assessment_diagnosis_assessment_id_position"),
        ),
    )
    op.create_index(
        op.f("ix_assessment_diagnosis_patient_id_icd10"),
        "assessment_diagnosis",
        ["clinic_id", "patient_id", "icd10"],
        unique=False,
    )
