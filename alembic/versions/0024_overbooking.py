"""Why a session double-books somebody or something on purpose.

Revision 0024, after 0023. Forward only.
"""

import sqlalchemy as sa
from alembic import op

from models.guards import statements

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added plainly: a batch would make the table again and lose its triggers.
    for column in ("overbook_reason", "overbook_comment"):
        op.add_column("treatment_session", sa.Column(column, sa.String(), nullable=True))
    for statement in statements(op.get_bind().dialect.name, since=revision):
        op.execute(statement)
