"""Departures that no calendar shows any more are found by an index, to be removed.

Revision 0030, after 0029. Forward only.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "calendar_departure"
    op.create_index(op.f(f"ix_{table}_left_at_id"), table, ["clinic_id", "left_at", "id"])
