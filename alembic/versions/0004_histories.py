"""What patients agreed to, did besides, and talked about.

Revision 0004, after 0003. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _consent()
    _therapy()
    _lifestyle_factor()
    _consultation()


def _consent() -> None:
    op.create_table(
        "consent",
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
        sa.Column("document_code", sa.String(), nullable=False),
        sa.Column("document_version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("interpreter", sa.String(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column(
            "signed_by",
            sa.Enum(
                "patient",
                "guardian",
                name="signed_by",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("obtained_by", sa.Uuid(), nullable=True),
        sa.Column("witness", sa.String(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("ingredient_codes", sa.Text(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("icd10", sa.String(), nullable=True),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("photos_clinical", sa.Boolean(), nullable=False),
        sa.Column("photos_teaching", sa.Boolean(), nullable=False),
        sa.Column("registry_use", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_consent_entered_in_error"),
        ),
        sa.CheckConstraint(
            "valid_days BETWEEN 1 AND 3650", name=op.f("ck_consent_valid_days_range")
        ),
        sa.CheckConstraint("withdrawn_on >= signed_on", name=op.f("ck_consent_withdrawn_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "obtained_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_consent_obtained_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_consent_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_consent_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_consent")),
    )
    op.create_index(
        op.f("ix_consent_patient_id_signed_on"),
        "consent",
        ["clinic_id", "patient_id", "signed_on"],
        unique=False,
    )


def _therapy() -> None:
    op.create_table(
        "therapy",
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
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("dosage", sa.String(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_therapy_entered_in_error"),
        ),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_therapy_ended_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_therapy_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_therapy_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_therapy")),
    )
    op.create_index(
        op.f("ix_therapy_patient_id_code"),
        "therapy",
        ["clinic_id", "patient_id", "code"],
        unique=False,
    )


def _lifestyle_factor() -> None:
    op.create_table(
        "lifestyle_factor",
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
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_lifestyle_factor_entered_in_error"),
        ),
        sa.CheckConstraint(
            "ended_on >= started_on", name=op.f("ck_lifestyle_factor_ended_on_order")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_lifestyle_factor_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_lifestyle_factor_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_lifestyle_factor")),
    )
    op.create_index(
        op.f("ix_lifestyle_factor_patient_id_code"),
        "lifestyle_factor",
        ["clinic_id", "patient_id", "code"],
        unique=False,
    )


def _consultation() -> None:
    op.create_table(
        "consultation",
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
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("concerns", sa.String(), nullable=True),
        sa.Column("questions", sa.String(), nullable=True),
        sa.Column("alternatives_discussed", sa.Text(), nullable=False),
        sa.Column("lifestyle_advice", sa.Text(), nullable=False),
        sa.Column("expectations", sa.String(), nullable=True),
        sa.Column("recommendation", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_consultation_entered_in_error"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "held_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_consultation_held_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_consultation_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_consultation_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_consultation")),
    )
    op.create_index(
        op.f("ix_consultation_patient_id_held_at"),
        "consultation",
        ["clinic_id", "patient_id", "held_at"],
        unique=False,
    )
