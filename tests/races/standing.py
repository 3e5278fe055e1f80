"""How things stand on a server: what it still has to do, and what its database had to end."""

import asyncio

from sqlalchemy import text


async def deadlocks(app):
    """How often PostgreSQL had to end one; SQLite has none."""
    async with app.state.database.reading() as db:
        if db.get_bind().dialect.name != "postgresql":
            return 0
        counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return (await db.execute(text(counted))).scalar_one()


async def until_nothing_is_asked_for(client):
    for _ in range(120):
        asked = (await client.get("/v1/operations?limit=200")).json()["items"]
        if all(each["finished_at"] for each in asked):
            return asked
        await asyncio.sleep(0.25)
    raise AssertionError(asked)
