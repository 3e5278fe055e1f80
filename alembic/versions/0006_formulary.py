"""Formulas and protocols, with their versions.

Revision 0006, after 0005. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _formula()
    _formula_version()
    _formula_component()
    _treatment_protocol()
    _protocol_version()
    _protocol_phase()


def _formula() -> None:
    op.create_table(
        "formula",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("indication", sa.String(), nullable=True),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("derived_from_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "derived_from_id"],
            ["formula.clinic_id", "formula.id"],
            name=op.f("fk_formula_derived_from_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_formula_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_formula")),
    )
    op.create_index(op.f("ix_formula_name"), "formula", ["clinic_id", "name"], unique=False)


def _formula_version() -> None:
    op.create_table(
        "formula_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("formula_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total_volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("ph_hundredths", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("change_reason", sa.String(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_formula_version_approval"),
        ),
        sa.CheckConstraint(
            "number BETWEEN 1 AND 1000000", name=op.f("ck_formula_version_number_range")
        ),
        sa.CheckConstraint(
            "ph_hundredths BETWEEN 0 AND 1400", name=op.f("ck_formula_version_ph_hundredths_range")
        ),
        sa.CheckConstraint(
            "total_volume_ul BETWEEN 1 AND 1000000",
            name=op.f("ck_formula_version_total_volume_ul_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "approved_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_formula_version_approved_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_formula_version_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_id"],
            ["formula.clinic_id", "formula.id"],
            name=op.f("fk_formula_version_formula_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "retired_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_formula_version_retired_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "supersedes_id"],
            ["formula_version.clinic_id", "formula_version.id"],
            name=op.f("fk_formula_version_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_formula_version_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_formula_version")),
        sa.UniqueConstraint(
            "clinic_id", "formula_id", "number", name=op.f("uq_formula_version_formula_id_number")
        ),
    )


def _formula_component() -> None:
    op.create_table(
        "formula_component",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("formula_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("syringe", sa.Integer(), nullable=False),
        sa.Column("ingredient_id", sa.Uuid(), nullable=False),
        sa.Column("ingredient_code", sa.String(), nullable=False),
        sa.Column("concentration_milli", sa.BigInteger(), nullable=False),
        sa.Column("volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("dose_micro", sa.BigInteger(), nullable=False),
        sa.Column("percent_wv_micro", sa.BigInteger(), nullable=True),
        sa.Column("product_name", sa.String(), nullable=True),
        sa.Column("product_facts", sa.String(), nullable=True),
        sa.Column("excipient_classes", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "concentration_milli BETWEEN 0 AND 1000000000000",
            name=op.f("ck_formula_component_concentration_milli_range"),
        ),
        sa.CheckConstraint(
            "dose_micro = concentration_milli * volume_ul",
            name=op.f("ck_formula_component_dose_exact"),
        ),
        sa.CheckConstraint(
            "percent_wv_micro BETWEEN 0 AND 100000000",
            name=op.f("ck_formula_component_percent_wv_micro_range"),
        ),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 199", name=op.f("ck_formula_component_position_range")
        ),
        sa.CheckConstraint(
            "syringe BETWEEN 1 AND 99", name=op.f("ck_formula_component_syringe_range")
        ),
        sa.CheckConstraint(
            "volume_ul BETWEEN 1 AND 1000000", name=op.f("ck_formula_component_volume_ul_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "formula_version_id"],
            ["formula_version.clinic_id", "formula_version.id"],
            name=op.f("fk_formula_component_formula_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ingredient_id"],
            ["ingredient.clinic_id", "ingredient.id"],
            name=op.f("fk_formula_component_ingredient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_formula_component_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_formula_component")),
        sa.UniqueConstraint(
            "clinic_id",
            "formula_version_id",
            "position",
            name=op.f("uq_formula_component_formula_version_id_position"),
        ),
    )
    op.create_index(
        op.f("ix_formula_component_ingredient_id"),
        "formula_component",
        ["clinic_id", "ingredient_id"],
        unique=False,
    )


def _treatment_protocol() -> None:
    op.create_table(
        "treatment_protocol",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("reference", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_treatment_protocol_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_treatment_protocol")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_treatment_protocol_code")),
    )
    op.create_index(
        op.f("ix_treatment_protocol_name"),
        "treatment_protocol",
        ["clinic_id", "name"],
        unique=False,
    )


def _protocol_version() -> None:
    op.create_table(
        "protocol_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "retired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total_sessions", sa.Integer(), nullable=True),
        sa.Column("maintenance_target_days", sa.Integer(), nullable=True),
        sa.Column("maintenance_min_days", sa.Integer(), nullable=True),
        sa.Column("maintenance_max_days", sa.Integer(), nullable=True),
        sa.Column("reassess", sa.Text(), nullable=False),
        sa.Column("reassess_after_sessions", sa.Text(), nullable=False),
        sa.Column("ingredient_exceptions", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)",
            name=op.f("ck_protocol_version_approval"),
        ),
        sa.CheckConstraint(
            "maintenance_max_days BETWEEN 1 AND 3650",
            name=op.f("ck_protocol_version_maintenance_max_days_range"),
        ),
        sa.CheckConstraint(
            "maintenance_min_days BETWEEN 1 AND 3650",
            name=op.f("ck_protocol_version_maintenance_min_days_range"),
        ),
        sa.CheckConstraint(
            "maintenance_target_days BETWEEN 1 AND 3650",
            name=op.f("ck_protocol_version_maintenance_target_days_range"),
        ),
        sa.CheckConstraint(
            "number BETWEEN 1 AND 1000000", name=op.f("ck_protocol_version_number_range")
        ),
        sa.CheckConstraint(
            "total_sessions BETWEEN 1 AND 1000",
            name=op.f("ck_protocol_version_total_sessions_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "approved_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_protocol_version_approved_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_id"],
            ["treatment_protocol.clinic_id", "treatment_protocol.id"],
            name=op.f("fk_protocol_version_protocol_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "retired_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_protocol_version_retired_by"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "supersedes_id"],
            ["protocol_version.clinic_id", "protocol_version.id"],
            name=op.f("fk_protocol_version_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_protocol_version_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint(
            "clinic_id",
            "protocol_id",
            "number",
            name=op.f("uq_protocol_version_protocol_id_number"),
        ),
    )


def _protocol_phase() -> None:
    op.create_table(
        "protocol_phase",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("protocol_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("target_days", sa.Integer(), nullable=True),
        sa.Column("min_days", sa.Integer(), nullable=True),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "max_days BETWEEN 1 AND 3650", name=op.f("ck_protocol_phase_max_days_range")
        ),
        sa.CheckConstraint(
            "min_days BETWEEN 1 AND 3650", name=op.f("ck_protocol_phase_min_days_range")
        ),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 99", name=op.f("ck_protocol_phase_position_range")
        ),
        sa.CheckConstraint(
            "sessions BETWEEN 1 AND 1000", name=op.f("ck_protocol_phase_sessions_range")
        ),
        sa.CheckConstraint(
            "target_days BETWEEN min_days AND max_days",
            name=op.f("ck_protocol_phase_target_days_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "protocol_version_id"],
            ["protocol_version.clinic_id", "protocol_version.id"],
            name=op.f("fk_protocol_phase_protocol_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_protocol_phase_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_protocol_phase")),
        sa.UniqueConstraint(
            "clinic_id",
            "protocol_version_id",
            "position",
            name=op.f("uq_protocol_phase_protocol_version_id_position"),
        ),
    )
