"""What a patient got at a visit besides the injections.

Revision 0017, after 0016. Forward only.
"""

import sqlalchemy as sa
from alembic import op

from models.guards import statements

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_PARENTS = {
    "administration_id": "administration",
    "ingredient_id": "ingredient",
    "patient_id": "patient",
}
_CHECKS = {
    "entered_in_error": "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND "
    "(entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
    "ingredient": "(ingredient_id IS NULL) = (ingredient_code IS NULL)",
    "named": "ingredient_code IS NOT NULL OR name IS NOT NULL",
    "formulary_knows": "ingredient_code IS NULL OR local_anaesthetic IS NULL",
    "measured": "(measure IS NULL) = (strength_milli IS NULL AND amount_milli IS NULL)",
    "counted": "(unit IS NULL) = (strength_milli IS NULL AND dose_micro IS NULL)",
    "dose_exact": "strength_milli IS NULL OR amount_milli IS NULL OR "
    "(dose_micro IS NOT NULL AND dose_micro = strength_milli * amount_milli)",
    "strength_milli_range": "strength_milli BETWEEN 1 AND 1000000000",
    "amount_milli_range": "amount_milli BETWEEN 1 AND 1000000",
    "dose_micro_range": "dose_micro BETWEEN 1 AND 1000000000000000",
}


def upgrade() -> None:
    op.create_table(
        "also_given",
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
        sa.Column("administration_id", sa.Uuid(), nullable=True),
        sa.Column("ingredient_id", sa.Uuid(), nullable=True),
        sa.Column("ingredient_code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("route", _one_of("route", "topical", "oral", "inhaled"), nullable=False),
        sa.Column("local_anaesthetic", sa.Boolean(), nullable=True),
        sa.Column("strength_milli", sa.BigInteger(), nullable=True),
        sa.Column("amount_milli", sa.BigInteger(), nullable=True),
        sa.Column("measure", _one_of("measure", "g", "mL"), nullable=True),
        sa.Column("unit", _one_of("unit", "mg", "ug", "IU", "U", "mL"), nullable=True),
        sa.Column("dose_micro", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("areas", sa.Text(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_also_given_{name}"))
            for name, condition in _CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_also_given_{column}"),
            )
            for column, parent in _PARENTS.items()
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "session_id", "patient_id"],
            ["treatment_session.clinic_id", "treatment_session.id", "treatment_session.patient_id"],
            name=op.f("fk_also_given_session_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_also_given_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_also_given")),
    )
    for column in ("session_id", "administration_id", "patient_id"):
        op.create_index(op.f(f"ix_also_given_{column}"), "also_given", ["clinic_id", column])
    for statement in statements(op.get_bind().dialect.name, since=revision):
        op.execute(statement)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
