"""No request reads all of a clinic's rows to find a few.

Asked of SQLite, whose planner says what it would do and measures nothing: what it is told of the
tables (`models.sqlite_statistics`) is the same for every clinic.
"""

import re

import pytest

from tests.contracts.operations import operations
from tests.contracts.requests import send
from tests.contracts.test_no_echo import client_for
from tests.contracts.world import Walk
from tests.queries import counted_queries

# What a clinic has a few dozen of, however old it grows: reading all of these is no harm.
_FEW = {
    "api_key", "audit_head", "booking_settings", "calendar_feed", "clinic", "closure",
    "ingredient", "formula", "formula_version", "opening_hours", "protocol_version",
    "room", "rule_set", "staff_member", "treatment_protocol",
}  # fmt: skip
_STEP = re.compile(r"(?:SCAN|SEARCH) (?!CONSTANT|anon_|sqlite_|\d)(\w+)(?: USING [^(]+\((.*)\))?")


async def _reading(walk: Walk) -> set[str]:
    """The statements of every operation that only reads."""
    found: set[str] = set()
    for operation in operations().values():
        if operation.method == "GET" and not operation.endless:
            asked = walk.story.request(operation)
            with counted_queries(walk.app) as sent:
                await send(client_for(walk, asked), asked)
            found.update(sent)
    return found


def _whole_clinic(statement: str, steps: list[str]) -> list[str]:
    """The steps that go through all of a clinic's rows of a table that grows.

    A page may: it goes along the index that it is sorted by, and ends when it is full. So may who
    counts.
    """
    counts = statement.startswith("SELECT count(")
    page = "LIMIT" in statement and "USE TEMP B-TREE FOR ORDER BY" not in steps
    if counts or page:
        return []
    read = [match for step in steps if (match := _STEP.match(step))]
    return [each[0] for each in read if each[1] not in _FEW and each[2] in {None, "clinic_id=?"}]


async def test_every_statement_finds_its_rows_by_an_index(walk, postgres_server):
    if postgres_server is not None:
        pytest.skip("PostgreSQL plans by what it has measured")
    statements = walk.story.statements | await _reading(walk)
    assert len(statements) > 300
    slow = {}
    async with walk.app.state.database.reading() as db:
        connection = await db.connection()
        for statement in sorted(statements):
            if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                continue
            values = (None,) * statement.count("?")
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            if steps := _whole_clinic(statement, [row[3] for row in plan]):
                slow[" ".join(statement.split())] = steps
    assert slow == {}
