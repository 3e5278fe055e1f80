"""What a statement brings back from SQLite, however much that is."""

import sqlite3

import pytest

from api import sqlite_driver

ALL = "SELECT number FROM counted ORDER BY number"


@pytest.fixture
async def connection(tmp_path):
    """One with the numbers below 2500."""
    made = await sqlite_driver.connect(str(tmp_path / "counted.sqlite3"), check_same_thread=False)
    cursor = made.cursor()
    await cursor.execute("CREATE TABLE counted (number INTEGER PRIMARY KEY)")
    await cursor.executemany("INSERT INTO counted VALUES (?)", [(n,) for n in range(2500)])
    assert cursor.rowcount == 2500
    await made.commit()
    yield made
    await made.close()


@pytest.fixture
def trips(connection, monkeypatch):
    """The work that was carried to the connection's thread."""
    made = []
    carry = connection.in_thread

    async def counted(work, *words):
        made.append(work)
        return await carry(work, *words)

    monkeypatch.setattr(connection, "in_thread", counted)
    return made


async def test_what_is_not_much_comes_in_one_trip(connection, trips):
    cursor = await connection.cursor().execute(f"{ALL} LIMIT ?", (999,))
    assert [each[0] for each in cursor.description] == ["number"]
    assert await cursor.fetchall() == [(n,) for n in range(999)]
    assert await cursor.fetchall() == []
    await cursor.close()
    assert len(trips) == 1


async def test_all_the_rows_of_a_long_answer_come(connection, trips):
    cursor = await connection.cursor().execute(ALL)
    assert await cursor.fetchall() == [(n,) for n in range(2500)]
    await cursor.close()
    await connection.cursor().execute("DROP TABLE counted")  # nothing holds it any more


async def test_a_long_answer_can_be_read_part_by_part(connection):
    cursor = await connection.cursor().execute(ALL)
    assert await cursor.fetchone() == (0,)
    parts = []
    while part := await cursor.fetchmany(700):
        parts.append(part)
    assert [len(part) for part in parts] == [700, 700, 700, 399]
    assert [row for part in parts for row in part] == [(n,) for n in range(1, 2500)]
    assert await cursor.fetchone() is None


async def test_what_was_written_is_told(connection):
    cursor = await connection.cursor().execute("INSERT INTO counted VALUES (7000)")
    assert (cursor.lastrowid, cursor.rowcount, cursor.description) == (7000, 1, None)
    await cursor.execute("DELETE FROM counted WHERE number < 10 RETURNING number")
    assert sorted(await cursor.fetchall()) == [(n,) for n in range(10)]


async def test_a_statement_that_fails_leaves_nothing_open(connection):
    cursor = connection.cursor()
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
        await cursor.execute("INSERT INTO counted VALUES (1)")
    await connection.rollback()
    await cursor.execute("DROP TABLE counted")
