"""Time that a course, a plan or an absence leaves: offered where somebody can have it."""

import pytest

from tests.api.test_courses import booked
from tests.api.test_shifting import shift
from tests.factories_calendars import changing
from tests.factories_sessions import book, make_active_plan, make_treatable_patient, moved
from tests.waiting import join, offers

ANSWERS = {"acknowledged": ["PLAN-REASSESS-DUE", "SPACING-MAX-GAP"]}


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def waiting(as_role, clinic):
    """Another patient's plan; they wait for any time in March."""
    patient = await make_treatable_patient(as_role("practitioner"), family_name="Blanc")
    other = await make_active_plan(as_role, clinic, patient=patient)
    await join(as_role("receptionist"), other)
    return other


async def offered(client):
    return sorted(each["starts_at"] for each in await offers(client))


async def test_a_shift_offers_the_places_that_it_leaves(as_role, clinic, plan, waiting):
    desk = as_role("receptionist")
    second = (await booked(desk, plan))["sessions"][1]
    # Each takes the place of the one behind it, so that only the first place is left in March.
    week_later = await shift(desk, second, starts_at="2026-03-16T09:00:00+01:00", **ANSWERS)
    assert week_later.status_code == 200, week_later.text
    assert await offered(desk) == ["2026-03-09T08:00:00Z"]
    day_later = await shift(
        desk, second, version='"2"', starts_at="2026-03-17T09:00:00Z", **ANSWERS
    )
    assert day_later.status_code == 200, day_later.text
    assert await offered(desk) == [
        "2026-03-09T08:00:00Z", "2026-03-16T08:00:00Z", "2026-03-23T08:00:00Z",
        "2026-03-30T07:00:00Z",
    ]  # fmt: skip


async def test_a_plan_that_is_stopped_leaves_all_its_times(as_role, clinic, plan, waiting):
    desk, starts = as_role("receptionist"), ["2026-03-03T09:00:00Z", "2026-03-10T09:00:00Z"]
    for start in starts:
        await book(desk, plan, clinic, start)
    reason = {"reason": "Moved away."}
    await moved(as_role("practitioner"), f"/v1/plans/{plan['id']}", "stop", reason)
    assert await offered(desk) == starts


async def test_a_time_that_nobody_can_have_is_not_offered(as_role, clinic, plan, waiting):
    """The practitioner is away, or takes no sessions any more; the room is out of use."""
    desk, owner = as_role("receptionist"), as_role("owner")
    starts = [f"2026-03-{day}T09:00:00Z" for day in ("03", "10", "17", "24")]
    sessions = [await book(desk, plan, clinic, start) for start in starts]

    async def cancel(number):
        path = f"/v1/sessions/{sessions[number]['id']}"
        await moved(desk, path, "cancel", {"reason": "Cannot be."})
        return await offered(desk)

    staff, room = f"/v1/staff/{plan['practitioner_id']}", f"/v1/rooms/{sessions[2]['room_id']}"
    away = {"starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z"}
    assert (await owner.post(f"{staff}/time-off", json=away)).status_code == 201
    assert await cancel(0) == []
    assert await cancel(1) == [starts[1]]
    assert (await changing(owner, "PATCH", room, {"active": False})).status_code == 200
    assert await cancel(2) == [starts[1]]
    assert (await changing(owner, "PATCH", room, {"active": True})).status_code == 200
    assert (await changing(owner, "PATCH", staff, {"bookable": False})).status_code == 200
    assert await cancel(3) == [starts[1]]
