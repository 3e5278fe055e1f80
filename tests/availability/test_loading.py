"""Reading calendars asks a bounded number of queries, however much there is to read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from api.availability.loading import load
from models import Clinic
from tests.factories_calendars import CLOSURES, changing, open_clinic, week
from tests.factories_sessions import book, make_active_plan
from tests.queries import counted_queries

SINCE = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def read(app, clinic, practitioners):
    async with app.state.database.reading() as db:
        zone = ZoneInfo((await db.get_one(Clinic, clinic.id)).time_zone)
        with counted_queries(app) as sent:
            made = await load(
                db, clinic.id, zone, SINCE, SINCE + timedelta(days=90), practitioners,
                clinic.room_ids, now=SINCE,
            )  # fmt: skip
        return made, len(sent)


async def test_the_number_of_queries_does_not_grow(app, as_role, clinic):
    owner, desk = as_role("owner"), as_role("receptionist")
    one = clinic.staff["practitioner"]
    _, few = await read(app, clinic, [one])
    await open_clinic(owner, week("08:00", "12:00"), week("13:00", "19:00"))
    for role in ("practitioner", "second:practitioner"):
        path = f"/v1/staff/{clinic.staff[role]}"
        await changing(owner, "PUT", f"{path}/working-hours", week("09:00", "18:00"))
        for day in range(3, 9):
            times = {
                "starts_at": f"2026-04-0{day}T08:00:00Z",
                "ends_at": f"2026-04-0{day}T09:00:00Z",
            }
            assert (await owner.post(f"{path}/time-off", json=times)).status_code == 201
    for day in range(10, 15):
        draft = {"starts_on": f"2026-05-{day}", "ends_on": f"2026-05-{day}", "name": "Painting"}
        assert (await owner.post(CLOSURES, json=draft)).status_code == 201
    plan = await make_active_plan(as_role, clinic)
    for date in ("03-03", "03-10", "03-17"):
        await book(desk, plan, clinic, f"2026-{date}T10:00:00+01:00")
    everybody = list(clinic.staff.values())
    made, many = await read(app, clinic, everybody)
    assert many == few <= 6
    assert len(made.closed) == 5
    assert len(made.away[one]) == 6
    start = datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert [each.calendar for each in made.why_not(start, start + timedelta(minutes=5), one)] == [
        "practitioner"
    ]
