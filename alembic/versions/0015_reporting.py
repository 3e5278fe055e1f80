"""Reporting clocks and what became of them; how long a release must wait.

Revision 0015, after 0014. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _submission()
    _clock()
    op.add_column("hold", sa.Column("release_after_days", sa.Integer(), nullable=True))
    op.add_column("side_effect", sa.Column("report_clock_on", sa.Date(), nullable=True))
    _started_before()


def _submission() -> None:
    op.create_table(
        "report_submission",
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
        sa.Column(
            "decision",
            sa.Enum(
                "submitted",
                "not_required",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient_kind",
            sa.Enum(
                "authority",
                "manufacturer",
                "sponsor",
                "ethics_committee",
                "public_health",
                "insurer",
                "other",
                name="recipient_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("jurisdiction", sa.String(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("late_because", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "decision <> 'not_required' OR comment IS NOT NULL",
            name=op.f("ck_report_submission_why_not"),
        ),
        sa.CheckConstraint(
            "decision <> 'submitted' OR (recipient IS NOT NULL AND recipient_kind IS NOT NULL)",
            name=op.f("ck_report_submission_recipient_named"),
        ),
        sa.CheckConstraint(
            "(entered_in_error_at IS NULL) = (entered_in_error_by IS NULL) AND (entered_in_error_at IS NULL) = (entered_in_error_reason IS NULL)",
            name=op.f("ck_report_submission_entered_in_error"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_report_submission_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "side_effect_id"],
            ["side_effect.clinic_id", "side_effect.id"],
            name=op.f("fk_report_submission_side_effect_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_report_submission_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_report_submission")),
    )
    op.create_index(
        op.f("ix_report_submission_side_effect_id"),
        "report_submission",
        ["clinic_id", "side_effect_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_report_submission_submitted_on"),
        "report_submission",
        ["clinic_id", "submitted_on"],
        unique=False,
    )


def _clock() -> None:
    op.create_table(
        "report_clock",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side_effect_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_because IS NULL)",
            name=op.f("ck_report_clock_settlement"),
        ),
        sa.CheckConstraint("due_on >= started_on", name=op.f("ck_report_clock_due_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "follow_up_id"],
            ["side_effect_follow_up.clinic_id", "side_effect_follow_up.id"],
            name=op.f("fk_report_clock_follow_up_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_report_clock_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "side_effect_id"],
            ["side_effect.clinic_id", "side_effect.id"],
            name=op.f("fk_report_clock_side_effect_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "submission_id"],
            ["report_submission.clinic_id", "report_submission.id"],
            name=op.f("fk_report_clock_submission_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_report_clock_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_report_clock")),
    )
    op.create_index(
        op.f("ix_report_clock_due_on_id"),
        "report_clock",
        ["clinic_id", "due_on", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        op.f("ix_report_clock_side_effect_id"),
        "report_clock",
        ["clinic_id", "side_effect_id"],
        unique=False,
    )


_RUNNING = """
INSERT INTO report_clock (version, created_at, updated_at, clinic_id, id, side_effect_id,
 patient_id, code, started_on, due_on)
SELECT 1, created_at, updated_at, clinic_id, id, id, patient_id,
 CASE WHEN grade >= 4 OR seriousness LIKE '%"death"%' OR seriousness LIKE '%"life_threatening"%'
 THEN 'fatal_or_life_threatening' WHEN seriousness <> '[]' THEN 'serious' ELSE 'non_serious' END,
 day0_on, report_due_on
FROM side_effect
WHERE day0_on IS NOT NULL AND report_due_on IS NOT NULL AND entered_in_error_at IS NULL
"""


def _started_before() -> None:
    """Cases whose day 0 is known already get the clock that runs for them."""
    op.execute(_RUNNING)
    op.execute("UPDATE side_effect SET report_clock_on = day0_on WHERE report_due_on IS NOT NULL")
