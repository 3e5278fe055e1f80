"""What SQLite's planner is told of the tables: one clinic, a hundred thousand rows in each.

Without statistics it takes every column of an index to be equally selective. Asked for the rows of
one patient in the order of their ids, it then reads all rows of the clinic, which come in that
order, rather than sort the few of the patient. Measured statistics would depend on when somebody
measured; these are the same for every clinic and in every test, so a query has one plan. PostgreSQL
measures by itself.
"""

from typing import Any

from sqlalchemy import Connection

_ROWS = 100_000
_FEWER = 10  # times, behind the condition of a partial index
# Rows that are left by one value of a column, of so many before.
_OF_ONE_OWNER = 20
_INSTANTS, _KINDS, _WORDS = 1_000, 5, 1_000


def describe(connection: Connection) -> None:
    """Write the statistics of all indexes that are there, if they are not written yet."""
    # The table of statistics can only be made by ANALYZE; this table has one row.
    connection.exec_driver_sql("ANALYZE alembic_version")
    told = {
        (table, index): statistics
        for table in _names(connection)
        for index, statistics in _of_table(connection, table)
    }
    rows = connection.exec_driver_sql("SELECT tbl, idx, stat FROM sqlite_stat1").all()
    if {(row[0], row[1]): row[2] for row in rows} == told:
        return
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    connection.exec_driver_sql(
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
        [(*key, statistics) for key, statistics in told.items()],
    )


def _names(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
        "ESCAPE '~' AND name <> 'alembic_version'"
    )
    return [row[0] for row in found]


def _of_table(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Each index with its statistics: how many rows, and how many for its first n columns."""
    found = []
    types = {row[1]: row[2] for row in _pragma(connection, "table_info", table)}
    for _, index, unique, _, partial in _pragma(connection, "index_list", table):
        rows = left = _ROWS // _FEWER if partial else _ROWS
        figures = [rows]
        for _, _, column in _pragma(connection, "index_info", index):
            left = max(1, _left(column, types[column], left))
            figures.append(left)
        if unique:
            figures[-1] = 1
        found.append((index, " ".join(map(str, figures))))
    return found


def _pragma(connection: Connection, name: str, of: str) -> list[Any]:
    return list(connection.exec_driver_sql(f'PRAGMA {name}("{of}")').all())


def _left(column: str, kind: str, rows: int) -> int:
    """How many of so many rows have the same value in that column."""
    if column == "clinic_id":
        return rows
    if column == "id":
        return 1
    if column.endswith("_id"):
        return min(rows, _OF_ONE_OWNER)
    if kind in ("DATETIME", "DATE"):
        return rows // _INSTANTS
    if kind in ("BOOLEAN", "VARCHAR(24)"):  # codes of a closed list (`models.columns.coded`)
        return rows // _KINDS
    return rows // _WORDS
