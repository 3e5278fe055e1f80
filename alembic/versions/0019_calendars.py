"""How a clinic books; buffers around sessions; closures that are holidays, and removed ones.

Revision 0019, after 0018. Forward only. A session without `occupied_from` and `occupied_until`,
such as the previous version writes while it still serves, has no buffers.
"""

import sqlalchemy as sa
from alembic import op

from models.guards import statements

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MINUTES = {
    "lead_minutes": (0, 43_200),
    "grid_minutes": (5, 60),
    **{f"{kind}_minutes": (5, 480) for kind in ("first", "follow_up", "maintenance")},
    **{
        f"{kind}_{side}_minutes": (0, 240)
        for kind in ("first", "follow_up", "maintenance")
        for side in ("before", "after")
    },
}


def upgrade() -> None:
    op.create_table(
        "booking_settings",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _MINUTES),
        *(
            sa.CheckConstraint(
                f"{name} BETWEEN {low} AND {high}", name=op.f(f"ck_booking_settings_{name}_range")
            )
            for name, (low, high) in _MINUTES.items()
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_booking_settings_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_booking_settings")),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_booking_settings_clinic")),
    )
    op.add_column("closure", sa.Column("holiday_on", sa.Date(), nullable=True))
    op.add_column("closure", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_closure_holiday_on"),
        "closure",
        ["clinic_id", "holiday_on"],
        unique=True,
        postgresql_where=sa.text("holiday_on IS NOT NULL"),
        sqlite_where=sa.text("holiday_on IS NOT NULL"),
    )
    for name in ("occupied_from", "occupied_until"):
        column = sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        op.add_column("treatment_session", column)
    dialect = op.get_bind().dialect.name
    for statement in statements(dialect, since=revision):
        op.execute(statement)
    _drop_guards_without_buffers(dialect)


def _drop_guards_without_buffers(dialect: str) -> None:
    for resource in ("practitioner", "room"):
        name = f"no_overlap_{resource}"
        if dialect == "postgresql":
            op.execute(f"ALTER TABLE treatment_session DROP CONSTRAINT IF EXISTS {name}")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {name}_insert")
            op.execute(f"DROP TRIGGER IF EXISTS {name}_update")
