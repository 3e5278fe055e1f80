"""Sessions that need a second look, and incidents; figures about overrides by their day.

Revision 0016, after 0015. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PARENTS = {
    "administration_id": "administration",
    "closed_by": "staff_member",
    "decision_id": "decision",
    "lot_id": "lot",
    "patient_id": "patient",
    "practitioner_id": "staff_member",
    "session_id": "treatment_session",
    "side_effect_id": "side_effect",
}


def upgrade() -> None:
    op.create_table(
        "worklist_item",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("kind", "session", "incident", "task"), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("severity", _one_of("severity", "block", "override", "warn"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("figures", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("administration_id", sa.Uuid(), nullable=True),
        sa.Column("side_effect_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closed_because",
            _one_of(
                "closed_because", "clean", "moved", "cancelled", "missed", "performed", "dismissed"
            ),
            nullable=True,
        ),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'session' OR session_id IS NOT NULL",
            name=op.f("ck_worklist_item_session_named"),
        ),
        sa.CheckConstraint(
            "closed_because <> 'dismissed' OR (closed_by IS NOT NULL AND close_reason IS NOT NULL)",
            name=op.f("ck_worklist_item_dismissed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_because IS NULL)", name=op.f("ck_worklist_item_closed")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["clinic_id", column],
                [f"{parent}.clinic_id", f"{parent}.id"],
                name=op.f(f"fk_worklist_item_{column}"),
            )
            for column, parent in _PARENTS.items()
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_worklist_item_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_worklist_item")),
    )
    _index(
        "worklist_item", "session_id", unique=True, where="closed_at IS NULL AND kind = 'session'"
    )
    _index("worklist_item", "due_at", "id", where="closed_at IS NULL")
    _index("worklist_item", "session_id", "opened_at")
    _index("worklist_item", "patient_id")
    _index("worklist_item", "side_effect_id")
    _index("decision", "decided_at", "stage")
    _index("override", "decided_at")


def _index(table: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        op.f(f"ix_{table}_{'_'.join(columns)}"),
        table,
        ["clinic_id", *columns],
        unique=unique,
        postgresql_where=condition,
        sqlite_where=condition,
    )


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)
