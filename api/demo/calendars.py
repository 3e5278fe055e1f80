"""The demo's calendars: when it is open, who works when, on which days nobody does.

The house itself is never locked, so that a visitor can follow the tour at any hour; the two
physicians have their hours, and slots are offered within those. For the same reason the public
holidays of the coming weeks are worked on; those behind and further ahead are closed.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from api.demo.desk import ZONE, Answer, DemoFailed, Desk

_SETTINGS = {
    "lead_time_minutes": 0,
    "grid_minutes": 10,
    "first": {"duration_minutes": 45},  # with the talk before the first injection
    "follow_up": {"duration_minutes": 30, "after_minutes": 5},
    "maintenance": {"duration_minutes": 30, "after_minutes": 5},
}
_EVERY_DAY, _WORKING_DAYS = range(1, 8), range(1, 6)
_WORKED_ON = timedelta(days=35)  # holidays nearer than this are no closures
_CONGRESS = timedelta(days=75)


async def write_calendars(desk: Desk) -> None:
    """Write them as the owner would, on the story's first day."""
    await _write(desk, "PUT", "/v1/clinic/opening-hours", _hours(_EVERY_DAY, "00:00", "24:00"))
    await _write(desk, "PATCH", "/v1/clinic/booking-settings", _SETTINGS)
    path = f"/v1/staff/{desk.staff['practitioner']}/working-hours"
    await _write(desk, "PUT", path, _hours(_EVERY_DAY, "07:00", "21:00"))
    path = f"/v1/staff/{desk.staff['director']}/working-hours"
    mornings = _hours(_WORKING_DAYS, "08:30", "12:30", room_id=desk.rooms[1])
    afternoons = _hours(_WORKING_DAYS, "13:30", "18:00", room_id=desk.rooms[1])
    await _write(desk, "PUT", path, [*mornings, *afternoons])
    for year in sorted({desk.clock.now.year, desk.today.year, (desk.today + _CONGRESS).year}):
        await _holidays(desk, year)
    away = desk.today + _CONGRESS
    absence = {
        "starts_at": _midnight(away),
        "ends_at": _midnight(away + timedelta(days=3)),
        "reason": "Congress",
    }
    await desk.post("owner", f"/v1/staff/{desk.staff['director']}/time-off", absence)


async def _holidays(desk: Desk, year: int) -> None:
    """Close on the year's public holidays, but for those that a visitor may want to book on."""
    found = await desk.post("owner", "/v1/clinic/public-holidays", {"year": year})
    for each in found["holidays"]:
        day = date.fromisoformat(each["holiday_on"])
        if each["closure_id"] is None:
            continue
        if desk.today <= day < desk.today + _WORKED_ON:
            await _write(desk, "DELETE", f"/v1/clinic/closures/{each['closure_id']}", None)
        else:
            desk.diary.closed.add(day)


def _hours(days: range, opens: str, closes: str, **fields: str) -> list[Answer]:
    return [{"weekday": day, "opens": opens, "closes": closes, **fields} for day in days]


def _midnight(day: date) -> str:
    return datetime.combine(day, time(0), ZONE).isoformat()


async def _write(desk: Desk, method: str, path: str, body: Any) -> None:
    """PUT, PATCH or DELETE with the present ETag, as the owner."""
    owner = desk.clients["owner"]
    headers = {"If-Match": (await owner.get(path)).headers["etag"]}
    answer = await owner.request(
        method, path, headers=headers, **({} if body is None else {"json": body})
    )
    if answer.status_code >= 400:
        raise DemoFailed(f"{method} {path}: {answer.text}")
