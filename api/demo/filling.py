"""Making the demo clinic: founded, staffed, then lived through day by day up to today."""

import gc
import heapq
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from api.clock import local_day
from api.database import Database
from api.demo.calendars import write_calendars
from api.demo.cast import stories
from api.demo.courses import Story
from api.demo.desk import ZONE, Desk, JumpingClock, open_desk
from api.demo.formulary import stock
from api.demo.people import STAFF
from api.demo.staffing import found, leave
from api.demo.workbench import hasten, workbench
from api.settings import Settings

Progress = Callable[[int, int], None]
_LONGEST_DAYS = 130  # how far back the demo begins


async def fill(database: Database, settings: Settings, step: Progress) -> dict[str, Any]:
    """Make the demo in an empty database; returns what `anagen demo` prints.

    The same day gives the same clinic, but for ids and tokens. An embedded database gets the
    whole demo or nothing of it. `step(done, total)` is told how many stories are told.

    Raises NotEmpty where somebody else founded a clinic meanwhile.
    """
    async with workbench(database, settings) as ours:
        return await _make(ours, database.clock(), step)


async def _make(settings: Settings, now: datetime, step: Progress) -> dict[str, Any]:
    today = local_day(now, ZONE)
    first = datetime.combine(today - timedelta(days=_LONGEST_DAYS), time(7), UTC)
    clock = JumpingClock(first)
    database = Database(settings, clock)
    if settings.embedded:
        hasten(database)
    try:
        founded = await found(database, settings)
        async with open_desk(settings, clock, founded.tokens) as clients:
            gc.freeze()  # the wired application stays: spare the collector from it
            desk = Desk(clients, founded.staff, founded.rooms, clock, today)
            await write_calendars(desk)
            await stock(desk)
            await _live(desk, stories(desk), step)
        clock.now = now
        key = await leave(database, founded)
    finally:
        await database.dispose()
    accounts = [
        {"email": who.email, "password": who.password, "roles": list(who.roles)} for who in STAFF
    ]
    return {"clinic_id": str(founded.caller.clinic_id), "accounts": accounts, "api_key": key}


async def _live(desk: Desk, told: list[Story], step: Progress) -> None:
    """Resume whichever story goes on next, until every story is told or reaches today."""
    order = count()
    waiting: list[tuple[datetime, int, Story]] = []
    for story in told:
        await _resume(story, waiting, order)
    opening = datetime.combine(desk.today, time(6), UTC)
    while waiting:
        instant, _, story = heapq.heappop(waiting)
        if instant < opening:
            desk.clock.now = max(desk.clock.now, instant)
            await _resume(story, waiting, order)
        step(len(told) - len(waiting), len(told))


async def _resume(
    story: Story, waiting: list[tuple[datetime, int, Story]], order: "count[int]"
) -> None:
    try:
        instant = await anext(story)
    except StopAsyncIteration:
        return
    heapq.heappush(waiting, (instant, next(order), story))
