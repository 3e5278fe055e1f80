"""Screenings, administrations, closed work and the waitlist are found by an index.

Revision 0029, after 0028. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, columns in (
        ("screening", ["patient_id"]),
        ("screening", ["session_id", "screened_at"]),
        ("administration", ["session_id", "recorded_at"]),
        ("waitlist_entry", ["recorded_at", "id"]),
    ):
        name = op.f(f"ix_{table}_{'_'.join(columns)}")
        op.create_index(name, table, ["clinic_id", *columns])
    closed = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_worklist_item_closed_due_at",
        "worklist_item",
        ["clinic_id", "due_at", "id"],
        postgresql_where=closed,
        sqlite_where=closed,
    )
