"""A plan with a performed session, and side effects after it, made over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made
from tests.factories_sessions import administer, book, check_in, make_active_plan, make_lot
from tests.remembering import remembered

PERFORMED_ON = "2026-03-02"
Answer = dict[str, Any]


def on_day(days: int) -> datetime:
    """Noon in UTC, so many days after the performed session."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC) + timedelta(days=days)


def effect_body(treated: Answer, **over: Any) -> Answer:
    """A grade 1 headache of that patient; instants may be given as such."""
    body = {
        "patient_id": treated["plan"]["patient_id"],
        "code": "AE_HEADACHE",
        "grade": 1,
        "started_at": f"{PERFORMED_ON}T12:00:00Z",
        "description": "Told at the desk.",
        "reported_by": "staff",
    } | over
    for name in ("started_at", "ended_at"):
        if isinstance(body.get(name), datetime):
            body[name] = body[name].isoformat()
    return {key: value for key, value in body.items() if value is not None}


@remembered
async def make_effect(client: httpx.AsyncClient, treated: Answer, **over: Any) -> Answer:
    """A side effect as the answer to its report shows it; it begins today unless told."""
    return await made(client, "/v1/side-effects", effect_body(treated, **over))


@remembered
async def make_treated_plan(
    as_role: Any, clinic: SeededClinic, clock: FakeClock, **over: Any
) -> Answer:
    """`plan`, its first `session`, performed on 2 March at 09:20 UTC, and the `lot` used."""
    plan = await make_active_plan(as_role, clinic, **over)
    lot = await make_lot(as_role("nurse"))
    return await treat(as_role, clinic, clock, plan, lot)


@remembered
async def treat(
    as_role: Any, clinic: SeededClinic, clock: FakeClock, plan: Answer, lot: Answer, hour: int = 9
) -> Answer:
    """A performed session of the plan on 2 March, 20 minutes past the hour in UTC."""
    nurse, day = as_role("nurse"), datetime(2026, 3, 2, hour, tzinfo=UTC)
    session = await book(nurse, plan, clinic, day.isoformat())
    clock.set(day - timedelta(minutes=5))
    await check_in(nurse, session)
    clock.set(day + timedelta(minutes=30))
    lots = [{"lot_id": lot["id"], "volume_ml": "1"}]
    performed_at = (day + timedelta(minutes=20)).isoformat()
    await administer(as_role("practitioner"), session, performed_at, lots=lots)
    return {"plan": plan, "session": session, "lot": lot}


async def match(client: httpx.AsyncClient, effect: Answer) -> dict[str, str]:
    """If-Match with the present version."""
    etag = (await client.get(f"/v1/side-effects/{effect['id']}")).headers["etag"]
    return {"If-Match": etag}


async def send(
    client: httpx.AsyncClient, effect: Answer, move: str, body: Answer
) -> httpx.Response:
    """A move with the present ETag, whatever comes of it."""
    path = f"/v1/side-effects/{effect['id']}"
    return await client.post(f"{path}/{move}", json=body, headers=await match(client, effect))
