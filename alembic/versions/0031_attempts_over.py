"""Counted sign-ins whose window is over are found by an index, to be removed.

Revision 0031, after 0030. Forward only.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "sign_in_attempt"
    op.create_index(op.f(f"ix_{table}_window_started_at"), table, ["window_started_at"])
