"""From nothing to the models' schema, on both databases, from any working directory."""

import asyncio

from alembic import command
from sqlalchemy import pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from models.guards import missing_guards
from models.migrate import config, is_behind, pending, upgrade
from models.urls import async_url


def test_an_empty_database_is_behind_until_it_is_upgraded(empty_url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert pending(empty_url)
    upgrade(empty_url)
    assert not pending(empty_url)
    upgrade(empty_url)  # again, with nothing to do
    assert not pending(empty_url)


def test_models_and_migrations_agree(url):
    command.check(config(url))


async def test_a_database_that_a_later_release_migrated_is_not_behind(engine):
    async with engine.connect() as connection:
        assert not await is_behind(connection)
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert not await is_behind(connection)
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert await is_behind(connection)


async def test_a_migration_that_fails_leaves_nothing_behind(empty_url):
    engine = create_async_engine(async_url(empty_url), poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE hold (in_the_way INTEGER)"))
    failed = await asyncio.to_thread(_fails, empty_url)
    assert failed
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda sync: sync.dialect.get_table_names(sync))
    await engine.dispose()
    assert names == ["hold"]


def _fails(url: str) -> bool:
    try:
        upgrade(url)
    except Exception as error:
        return "hold" in str(error)
    return False


async def test_guards_that_knew_no_buffers_are_replaced(empty_url):
    await asyncio.to_thread(command.upgrade, config(empty_url), "0018")
    engine = create_async_engine(async_url(empty_url), poolclass=pool.NullPool)
    sqlite = engine.dialect.name == "sqlite"
    old = (
        "CREATE TRIGGER no_overlap_room_insert BEFORE INSERT ON treatment_session"
        " BEGIN SELECT RAISE(ABORT, 'old'); END"
        if sqlite
        else "ALTER TABLE treatment_session ADD CONSTRAINT no_overlap_room CHECK (false)"
    )
    async with engine.begin() as connection:
        await connection.execute(text(old))
    await asyncio.to_thread(upgrade, empty_url)
    named = "SELECT name FROM sqlite_master" if sqlite else "SELECT conname FROM pg_constraint"
    async with engine.connect() as connection:
        left = {row[0] for row in await connection.execute(text(named))}
        missing = await missing_guards(connection)
    await engine.dispose()
    assert left & {"no_overlap_room", "no_overlap_room_insert", "no_overlap_room_update"} == set()
    assert missing == (["foreign_keys"] if sqlite else [])
