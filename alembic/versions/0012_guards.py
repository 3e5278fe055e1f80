"""No double booking, and no rewriting of what was done: what the databases spell differently.

Revision 0012, after 0011. Forward only.
"""

from alembic import op

from models.guards import statements

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in statements(op.get_bind().dialect.name, since=revision):
        op.execute(statement)
