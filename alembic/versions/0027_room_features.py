"""What a plan needs of the room in which its sessions take place.

Revision 0027, after 0026. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added plainly: a batch would make the table again and lose its triggers. Plans that were
    # there need nothing of a room.
    column = sa.Column("room_features", sa.Text(), nullable=False, server_default="[]")
    op.add_column("treatment_plan", column)
