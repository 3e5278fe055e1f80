"""An ingredient of which nothing usable is left: the visits that need it are listed."""

import pytest

from tests.api.test_recheck import booked, moved_item, record, review, told
from tests.factories_sessions import make_active_plan, make_lot, moved
from tests.queries import counted_queries

REASON = {"reason": "The solution looked cloudy."}


@pytest.fixture
async def plan(as_role, clinic):
    """An active plan of dexpanthenol and biotin with sessions on 10 and 17 March."""
    return await booked(as_role, clinic, await make_active_plan(as_role, clinic))


async def lot_moved(as_role, lot, move):
    await moved(as_role("medical_director"), f"/v1/lots/{lot['id']}", move, REASON)


@pytest.mark.parametrize(
    ("move", "word"),
    [("quarantine", "quarantined"), ("recall", "recalled"), ("use-up", "used up")],
    ids=["quarantine", "recall", "use-up"],
)
async def test_the_last_lot_that_goes_lists_every_visit_that_needs_it(as_role, plan, move, word):
    lot = await make_lot(as_role("nurse"))
    assert await review(as_role) == []
    await lot_moved(as_role, lot, move)
    items = await review(as_role)
    assert told(items) == [("lot", "block", ["LOT"])] * 2
    assert [each["session"]["id"] for each in items] == [s["id"] for s in plan["sessions"]]
    text = f"No usable lot of BIOTIN is left; the last, L-1, is {word}."
    assert items[0]["findings"][0]["message"] == text


async def test_while_another_lot_is_usable_nobody_is_listed(as_role, plan):
    first = await make_lot(as_role("nurse"))
    second = await make_lot(as_role("nurse"), lot_number="L-2")
    await lot_moved(as_role, first, "quarantine")
    assert await review(as_role) == []
    await lot_moved(as_role, second, "recall")
    items = await review(as_role)
    assert ["L-2, is recalled" in each["findings"][0]["message"] for each in items] == [True] * 2


@pytest.mark.parametrize(
    ("expires_on", "listed"), [("2026-03-02", 0), ("2026-03-01", 2)], ids=["today", "yesterday"]
)
async def test_a_lot_counts_through_its_last_day(as_role, plan, expires_on, listed):
    lot = await make_lot(as_role("nurse"))
    await make_lot(as_role("nurse"), lot_number="L-2", expires_on=expires_on)
    await lot_moved(as_role, lot, "quarantine")
    assert len(await review(as_role)) == listed


async def test_a_delivery_or_a_release_takes_them_off_again(as_role, plan):
    lot = await make_lot(as_role("nurse"))
    await lot_moved(as_role, lot, "quarantine")
    await make_lot(as_role("nurse"), lot_number="L-2")
    assert await review(as_role) == []
    closed = await review(as_role, "?open=false")
    assert [each["closed_because"] for each in closed] == ["clean", "clean"]


async def test_a_release_takes_them_off_again(as_role, plan):
    lot = await make_lot(as_role("nurse"))
    await lot_moved(as_role, lot, "quarantine")
    await lot_moved(as_role, lot, "release")
    assert await review(as_role) == []


async def test_an_ingredient_without_lots_says_nothing(as_role, plan):
    """Who keeps no lots of dexpanthenol is not told that it is missing; nor of other lots."""
    other = await make_lot(as_role("nurse"), "LIDOCAINE")
    await lot_moved(as_role, other, "recall")
    assert await review(as_role) == []


async def test_another_look_at_the_same_patient_keeps_it(as_role, clinic, plan):
    lot = await make_lot(as_role("nurse"))
    await lot_moved(as_role, lot, "quarantine")
    await record(as_role, plan, "conditions", {"code": "OTHER", "notes": "Hay fever."})
    assert told(await review(as_role)) == [("lot", "block", ["LOT"])] * 2
    await booked(as_role, clinic, plan, "2026-03-24T09:00:00Z")
    assert [each["cause"] for each in await review(as_role)] == ["lot", "lot", "booking"]


async def test_who_dismissed_it_is_told_when_the_next_lot_goes(as_role, plan):
    lot = await make_lot(as_role("nurse"))
    await lot_moved(as_role, lot, "quarantine")
    for item in await review(as_role):
        await moved_item(as_role("practitioner"), item, "A delivery is on its way for Monday.")
    second = await make_lot(as_role("nurse"), lot_number="L-2")
    assert await review(as_role) == []
    await lot_moved(as_role, second, "quarantine")
    assert len(await review(as_role)) == 2


async def test_a_lot_that_is_not_the_last_costs_no_look_at_any_session(app, as_role, plan):
    lot = await make_lot(as_role("nurse"))
    await make_lot(as_role("nurse"), lot_number="L-2")
    with counted_queries(app) as sent:
        await lot_moved(as_role, lot, "quarantine")
    assert not [each for each in sent if "treatment_session" in each]
