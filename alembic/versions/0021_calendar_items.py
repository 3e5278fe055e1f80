"""Sessions that lie outside a calendar, on the review worklist beside those that rules refuse.

Revision 0021, after 0020. Forward only. SQLite cannot change a CHECK, so there the table is made
again from its own text, with its rows and indexes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BEFORE = "kind IN ('session', 'incident', 'task')"
_AFTER = "kind IN ('session', 'incident', 'task', 'calendar')"
_CALENDAR = "closed_at IS NULL AND kind = 'calendar'"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_again()
    else:
        name = "ck_worklist_item_kind"
        op.execute(f"ALTER TABLE worklist_item DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE worklist_item ADD CONSTRAINT {name} CHECK ({_AFTER})")
    op.create_index(
        op.f("ix_worklist_item_calendar_session_id"),
        "worklist_item",
        ["clinic_id", "session_id"],
        unique=True,
        postgresql_where=sa.text(_CALENDAR),
        sqlite_where=sa.text(_CALENDAR),
    )


def _make_again() -> None:
    texts = op.get_bind().execute(
        sa.text(
            "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'worklist_item'"
            " AND sql IS NOT NULL ORDER BY type = 'table' DESC"
        )
    )
    (_, table), *others = texts.all()
    if _BEFORE not in table:
        raise RuntimeError("worklist_item is not as revision 0016 made it")
    changed = table.replace(_BEFORE, _AFTER).replace(
        "CREATE TABLE worklist_item", "CREATE TABLE worklist_item_again"
    )
    op.execute(changed)
    op.execute("INSERT INTO worklist_item_again SELECT * FROM worklist_item")
    op.execute("DROP TABLE worklist_item")
    op.execute("ALTER TABLE worklist_item_again RENAME TO worklist_item")
    for _, text in others:
        op.execute(text)
