"""Writing a clinic's calendars over HTTP."""

from typing import Any

import httpx

HOURS = "/v1/clinic/opening-hours"
SETTINGS = "/v1/clinic/booking-settings"
CLOSURES = "/v1/clinic/closures"


def week(opens: str, closes: str, days: tuple[int, ...] = (1, 2, 3, 4, 5), **fields: Any) -> Any:
    """The same hours on each of these weekdays, Monday to Friday if not said."""
    return [{"weekday": day, "opens": opens, "closes": closes, **fields} for day in days]


async def changing(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, query: str = ""
) -> httpx.Response:
    """PUT, PATCH or DELETE with the present ETag, whatever comes of it."""
    etag = (await client.get(path)).headers["etag"]
    options: dict[str, Any] = {} if body is None else {"json": body}
    return await client.request(
        method, f"{path}{query}", headers={"If-Match": etag}, **options
    )  # fmt: skip


async def open_clinic(owner: httpx.AsyncClient, *hours: Any) -> dict[str, Any]:
    """These opening hours and no others."""
    answer = await changing(owner, "PUT", HOURS, [each for span in hours for each in span])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def set_booking(owner: httpx.AsyncClient, **settings: Any) -> dict[str, Any]:
    """Change how the clinic books."""
    answer = await changing(owner, "PATCH", SETTINGS, settings)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
