"""What the database itself refuses, beyond keys and CHECKs, and the proof that it still does.

Two families. No double booking: practitioner, room and patient each hold one session at a time.
No rewriting: logs are append-only, and what was approved, published or performed stays as it was.
The statements are in `guards_postgresql` and `guards_sqlite`; the first migration installs those
of its revision, and a later guard names the later revision that installs it.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from models import guards_postgresql, guards_sqlite
from models.guard import FIRST, Guard

_THERE_IN_POSTGRESQL = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
  AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.convalidated AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()
"""


def guards(dialect: str) -> tuple[Guard, ...]:
    """All guards of `postgresql` or `sqlite`, in the order of installing them."""
    return {"postgresql": guards_postgresql.GUARDS, "sqlite": guards_sqlite.GUARDS}[dialect]


def statements(dialect: str, since: str) -> list[str]:
    """The SQL that the migration `since` runs, one statement each."""
    ready = guards_postgresql.FOUNDATIONS if dialect == "postgresql" and since == FIRST else ()
    return [
        *ready,
        *(sql for guard in guards(dialect) if guard.since == since for sql in guard.statements),
    ]


def _declared() -> set[tuple[str, str]]:
    """Table and name of every named constraint and unique index of the models."""
    return {
        (table.name, str(name))
        for table in SQLModel.metadata.tables.values()
        for name in [
            *(constraint.name for constraint in table.constraints),
            *(index.name for index in table.indexes if index.unique),
        ]
    }


async def missing_guards(connection: AsyncConnection) -> list[str]:
    """`table.name` of every guard, constraint and unique index that is not there; sorted.

    Also `foreign_keys` where SQLite does not enforce them on this connection. Empty means that
    the database refuses all that it should.
    """
    dialect = connection.dialect.name
    expected = _declared() | {(guard.table, guard.name) for guard in guards(dialect)}
    if dialect == "postgresql":
        rows = await connection.execute(text(_THERE_IN_POSTGRESQL))
        return sorted(".".join(item) for item in expected - {(row[0], row[1]) for row in rows})
    rows = await connection.execute(
        text("SELECT tbl_name, type, name, coalesce(sql, '') FROM sqlite_master")
    )
    there: set[tuple[str, str]] = set()
    for table, kind, name, sql in rows:
        if kind != "table":
            there.add((table, name))
            continue
        there |= {item for item in expected if item[0] == table and _names(sql, item[1])}
    missing = sorted(".".join(item) for item in expected - there)
    enforced = (await connection.execute(text("PRAGMA foreign_keys"))).scalar()
    return missing if enforced else ["foreign_keys", *missing]


def _names(sql: str, constraint: str) -> bool:
    return f"CONSTRAINT {constraint} " in sql
