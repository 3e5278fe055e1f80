"""The holds of a session are found by an index.

Revision 0032, after 0031. Forward only.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_hold_session_id"), "hold", ["clinic_id", "session_id"])
