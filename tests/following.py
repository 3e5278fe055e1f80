"""A calendar as a program follows it: fetched by its secret, parsed back."""

from typing import Any

import httpx
import icalendar

from tests.factories import made
from tests.factories_sessions import Answer


async def make_calendar(client: httpx.AsyncClient, **over: Any) -> Answer:
    return await made(client, "/v1/calendars", {"name": "Appointments"} | over)


async def fetch(anonymous: httpx.AsyncClient, calendar: Answer, **headers: str) -> httpx.Response:
    return await anonymous.get(f"/v1/calendars/{calendar['secret']}.ics", headers=headers)


def parsed(text: str) -> list[icalendar.Component]:
    """What a program makes of it; every line is short enough and ends as RFC 5545 asks."""
    lines = text.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    calendar = icalendar.Calendar.from_ical(text)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert all(not each.errors for each in calendar.walk())
    return calendar.walk("VEVENT")
