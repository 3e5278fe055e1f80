"""Between reservations and sessions, buffers take up practitioner and room too.

Revision 0028, after 0027. Forward only.
"""

from alembic import op

from models.guards import statements

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in statements(dialect, since=revision):
        op.execute(statement)
    for resource in ("practitioner", "room"):
        _drop_guards_without_buffers(dialect, resource)


def _drop_guards_without_buffers(dialect: str, resource: str) -> None:
    reserved, booked = f"no_overlap_{resource}_reserved", f"no_overlap_{resource}_booked"
    if dialect == "sqlite":
        for name in (reserved, booked):
            op.execute(f"DROP TRIGGER IF EXISTS {name}_insert")
            op.execute(f"DROP TRIGGER IF EXISTS {name}_update")
        return
    for kind in ("insert", "update"):
        op.execute(f"DROP TRIGGER IF EXISTS {reserved}_{kind} ON treatment_session")
    op.execute(f"DROP TRIGGER IF EXISTS {booked} ON slot_reservation")
    for name in (reserved, booked):
        op.execute(f"DROP FUNCTION IF EXISTS anagen_{name}()")
