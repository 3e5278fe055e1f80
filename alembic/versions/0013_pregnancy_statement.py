"""What a patient said about pregnancy outside a visit.

Revision 0013, after 0012. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pregnancy_statement",
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
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("childbearing_potential", sa.Boolean(), nullable=True),
        sa.Column(
            "pregnancy_status",
            _one_of("pregnancy_status", "not_pregnant", "pregnant", "unknown", "not_applicable"),
            nullable=True,
        ),
        sa.Column("pregnancy_test_on", sa.Date(), nullable=True),
        sa.Column(
            "pregnancy_test_result",
            _one_of("pregnancy_test_result", "negative", "positive"),
            nullable=True,
        ),
        sa.Column("contraception", sa.String(), nullable=True),
        sa.Column("contraception_effective", sa.Boolean(), nullable=True),
        sa.Column("lactating", sa.Boolean(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
            "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_pregnancy_statement_entered_in_error"),
        ),
        sa.CheckConstraint(
            "(pregnancy_test_on IS NULL) = (pregnancy_test_result IS NULL)",
            name=op.f("ck_pregnancy_statement_pregnancy_test"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_pregnancy_statement_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_pregnancy_statement_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_pregnancy_statement")),
    )
    op.create_index(
        op.f("ix_pregnancy_statement_patient_id_stated_on"),
        "pregnancy_statement",
        ["clinic_id", "patient_id", "stated_on"],
        unique=False,
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
