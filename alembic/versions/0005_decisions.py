"""Ingredients, lots, rule sets, decisions and overrides.

Revision 0005, after 0004. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _ingredient()
    _lot()
    _rule_set()
    _decision()
    _override()


def _ingredient() -> None:
    op.create_table(
        "ingredient",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "allowed",
                "restricted",
                "prohibited",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
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
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("local_anaesthetic", sa.Boolean(), nullable=False),
        sa.Column("vasodilator", sa.Boolean(), nullable=False),
        sa.Column("do_not_mix", sa.Boolean(), nullable=False),
        sa.Column("allergy_classes", sa.Text(), nullable=False),
        sa.Column("vehicle_classes", sa.Text(), nullable=False),
        sa.Column("atc", sa.String(), nullable=True),
        sa.Column("cas", sa.String(), nullable=True),
        sa.Column("unii", sa.String(), nullable=True),
        sa.Column("vehicle", sa.String(), nullable=True),
        sa.Column("usual_concentration", sa.String(), nullable=True),
        sa.Column("usual_dose", sa.String(), nullable=True),
        sa.Column("cautions", sa.String(), nullable=True),
        sa.Column("limits", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("reference", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_ingredient_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ingredient")),
        sa.UniqueConstraint("clinic_id", "code", name=op.f("uq_ingredient_code")),
    )


def _lot() -> None:
    op.create_table(
        "lot",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ingredient_id", sa.Uuid(), nullable=False),
        sa.Column("ingredient_code", sa.String(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("manufacturer", sa.String(), nullable=False),
        sa.Column("lot_number", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "container",
            sa.Enum(
                "single_dose",
                "multi_dose",
                name="container",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("received_volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("remaining_volume_ul", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("excipient_classes", sa.Text(), nullable=False),
        sa.Column("in_use_days", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "available",
                "quarantined",
                "recalled",
                "used_up",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("in_use_days BETWEEN 0 AND 3650", name=op.f("ck_lot_in_use_days_range")),
        sa.CheckConstraint(
            "received_volume_ul BETWEEN 1 AND 1000000000",
            name=op.f("ck_lot_received_volume_ul_range"),
        ),
        sa.CheckConstraint(
            "remaining_volume_ul BETWEEN 0 AND 1000000000",
            name=op.f("ck_lot_remaining_volume_ul_range"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ingredient_id"],
            ["ingredient.clinic_id", "ingredient.id"],
            name=op.f("fk_lot_ingredient_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_lot_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_lot")),
    )
    op.create_index(
        op.f("ix_lot_ingredient_id_state_expires_on"),
        "lot",
        ["clinic_id", "ingredient_id", "state", "expires_on"],
        unique=False,
    )
    op.create_index(op.f("ix_lot_lot_number"), "lot", ["clinic_id", "lot_number"], unique=False)


def _rule_set() -> None:
    op.create_table(
        "rule_set",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 1000000", name=op.f("ck_rule_set_number_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "based_on_id"],
            ["rule_set.clinic_id", "rule_set.id"],
            name=op.f("fk_rule_set_based_on_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "published_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_rule_set_published_by"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_rule_set_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("clinic_id", "number", name=op.f("uq_rule_set_number")),
    )
    op.create_index(
        op.f("ix_rule_set_state_valid_from"),
        "rule_set",
        ["clinic_id", "state", "valid_from"],
        unique=False,
    )


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "formula_approval",
                "plan_activation",
                "scheduling",
                "check_in",
                "administration",
                "side_effect_report",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "allowed",
                "needs_acknowledgement",
                "needs_override",
                "refused",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_kind",
            sa.Enum(
                "staff",
                "api_key",
                "system",
                "anonymous",
                name="decided_by_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_decision_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "rule_set_id"],
            ["rule_set.clinic_id", "rule_set.id"],
            name=op.f("fk_decision_rule_set_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_decision_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_decision")),
    )
    op.create_index(
        op.f("ix_decision_patient_id"), "decision", ["clinic_id", "patient_id"], unique=False
    )
    op.create_index(
        op.f("ix_decision_stage_outcome"),
        "decision",
        ["clinic_id", "stage", "outcome"],
        unique=False,
    )
    op.create_index(
        op.f("ix_decision_subject_id"), "decision", ["clinic_id", "subject_id"], unique=False
    )


def _override() -> None:
    op.create_table(
        "override",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "override",
                "acknowledgement",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("pointer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'override' OR (reason IS NOT NULL AND role IS NOT NULL AND comment "
            "IS NOT NULL AND length(comment) >= 20)",
            name=op.f("ck_override_answered_for"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decision_id"],
            ["decision.clinic_id", "decision.id"],
            name=op.f("fk_override_decision_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_override_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_override")),
        sa.UniqueConstraint(
            "clinic_id",
            "decision_id",
            "code",
            "pointer",
            name=op.f("uq_override_decision_id_code_pointer"),
        ),
    )
    op.create_index(
        op.f("ix_override_code_decided_at"),
        "override",
        ["clinic_id", "code", "decided_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_override_decided_by_decided_at"),
        "override",
        ["clinic_id", "decided_by", "decided_at"],
        unique=False,
    )
