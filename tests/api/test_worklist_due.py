"""Whom to call: the windows are those of the rules, and every plan is found at its boundary."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories_sessions import (
    administer,
    book,
    check_in,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries

FIRST = "2026-03-02T10:00:00+01:00"


async def due(client, **query):
    answer = await client.get("/v1/worklists/due", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
async def treated(as_role, clinic, clock):
    """One session performed on 2 March: the next may follow after 6 to 10 days."""
    plan = await make_active_plan(as_role, clinic)
    session = await book(as_role("receptionist"), plan, clinic, FIRST)
    clock.advance(hours=1)
    await check_in(as_role("nurse"), session)
    clock.advance(minutes=30)
    await administer(as_role("practitioner"), session, "2026-03-02T10:10:00+01:00")
    return plan


async def test_a_plan_is_listed_as_the_window_says(as_role, treated):
    desk = as_role("receptionist")
    window = (await desk.get(f"/v1/plans/{treated['id']}/window")).json()
    assert (window["earliest_on"], window["latest_on"]) == ("2026-03-08", "2026-03-12")
    found = {}
    for on in ("2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10", "2026-03-12",
               "2026-03-13", "2026-03-22", "2026-03-23", "2026-08-29"):  # fmt: skip
        items = await due(desk, on=on)
        found[on] = [(each["status"], each["priority"]) for each in items]
    assert found == {
        "2026-03-07": [],
        "2026-03-08": [("due", "normal")],
        "2026-03-09": [("due", "normal")],
        "2026-03-10": [("due", "urgent")],
        "2026-03-12": [("due", "urgent")],
        "2026-03-13": [("overdue", "high")],
        "2026-03-22": [("overdue", "high")],
        "2026-03-23": [("lapsed", "normal")],
        "2026-08-29": [("lapsed", "normal")],
    }


async def test_an_item_says_who_when_and_why(as_role, treated):
    (item,) = await due(as_role("receptionist"), on="2026-03-10")
    assert item["plan_id"] == treated["id"]
    assert item["patient"]["given_name"] == "Luc"
    assert (item["session_number"], item["phase"]) == (2, "A")
    assert item["reason"] == "The window closes on 2026-03-12, in 2 days."
    assert item["waiting_since"] == "2026-03-02T09:00:00Z"
    assert item["follow_up"] is None


async def test_a_booked_one_is_not_due_and_a_cancelled_one_is_followed_up(as_role, clinic, treated):
    desk = as_role("receptionist")
    session = await book(desk, treated, clinic, "2026-03-11T10:00:00+01:00")
    assert await due(desk, on="2026-03-11") == []
    assert await due(desk, on="2026-05-11") == []
    await moved(desk, f"/v1/sessions/{session['id']}", "cancel", {"reason": "Ill."})
    for on, status, priority in (
        ("2026-03-02", "waiting", "low"),
        ("2026-03-09", "due", "high"),
        ("2026-03-12", "due", "urgent"),
    ):
        (item,) = await due(desk, on=on, follow_up="true")
        assert (item["status"], item["priority"]) == (status, priority)
        assert item["follow_up"] == {
            "session_id": session["id"], "state": "cancelled",
            "starts_at": "2026-03-11T09:00:00Z", "reason": "Ill.",
        }  # fmt: skip
    assert await due(desk, on="2026-03-10", follow_up="false") == []
    await book(desk, treated, clinic, "2026-03-12T10:00:00+01:00")
    assert await due(desk, on="2026-03-10") == []


async def test_a_missed_session_is_followed_up(as_role, clinic, clock, treated):
    desk = as_role("receptionist")
    session = await book(desk, treated, clinic, "2026-03-11T10:00:00+01:00")
    clock.set(datetime(2026, 3, 11, 12, tzinfo=UTC))
    await moved(desk, f"/v1/sessions/{session['id']}", "no-show")
    (item,) = await due(desk)
    assert item["follow_up"]["state"] == "no_show"
    assert item["reason"].startswith(
        "A session was missed. The window closes on 2026-03-12, in 1 day."
    )


async def test_never_booked(as_role, clinic, clock):
    plan = await make_active_plan(as_role, clinic)
    desk = as_role("receptionist")
    (item,) = await due(desk)
    assert (item["plan_id"], item["status"], item["priority"]) == (
        plan["id"], "never_booked", "normal",
    )  # fmt: skip
    assert item["reason"] == "No session was ever booked; active for 0 days."
    (later,) = await due(desk, on="2026-03-09")
    assert later["priority"] == "high"
    await moved(as_role("practitioner"), f"/v1/plans/{plan['id']}", "stop", {"reason": "Moved."})
    assert await due(desk) == []


async def test_filters_and_pages(as_role, clinic, clock):
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    plans = []
    for number in range(5):
        clock.advance(minutes=1)
        patient = await make_treatable_patient(practitioner, family_name=f"Due {number}")
        plans.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    desk = as_role("receptionist")
    assert [each["plan_id"] for each in await due(desk)] == [each["id"] for each in plans]
    seen, path = [], "/v1/worklists/due?limit=2&status=never_booked&status=due"
    while path:
        answer = await desk.get(path)
        seen.append([each["plan_id"] for each in answer.json()["items"]])
        path = answer.links.get("next", {}).get("url")
    assert [len(each) for each in seen] == [2, 2, 1]
    assert [each for page in seen for each in page] == [each["id"] for each in plans]
    assert await due(desk, status="overdue") == []
    assert await due(desk, practitioner_id=str(clinic.staff["second:practitioner"])) == []
    nameless = await due(as_role("other:owner"))
    assert nameless == []


async def test_the_queries_do_not_grow_with_the_plans(as_role, clinic, app, treated):
    desk = as_role("receptionist")

    async def count():
        with counted_queries(app) as sent:
            await due(desk, on="2026-03-12")
        return len(sent)

    alone = await count()
    practitioner = as_role("practitioner")
    for number in range(4):
        patient = await make_treatable_patient(practitioner, family_name=f"More {number}")
        await make_active_plan(as_role, clinic, patient=patient)  # each with a formula of its own
    assert len(await due(desk, on="2026-03-12")) == 5
    assert await count() == alone


@pytest.mark.parametrize(
    "query",
    ["on=2026-03-01", "on=2026-08-30", "on=tomorrow", "with_total=true", "status=late", "cursor=x"],
)
async def test_what_cannot_be_asked(as_role, query):
    answer = await as_role("receptionist").get(f"/v1/worklists/due?{query}")
    assert answer.status_code == 422


async def test_many_windows_are_those_of_each(as_role, clinic, clock, treated):
    """With doses given, doses booked in another plan, and protocols of several kinds."""
    desk, practitioner = as_role("receptionist"), as_role("practitioner")
    patient = {"id": treated["patient_id"]}
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    plans = [treated]
    for protocol in ("P-CLASSIC-442", "P-GF-8"):
        plans.append(
            await make_active_plan(
                as_role, clinic, patient=patient, formula=formula, protocol=protocol
            )
        )
    for weeks in (0, 1, 2, 5, 12):
        on = (date(2026, 3, 2) + timedelta(weeks=weeks)).isoformat()
        for item in await due(desk, on=on, limit=200):
            path = f"/v1/plans/{item['plan_id']}/window?as_of={on}"
            alone = (await desk.get(path)).json()
            for name in ("session_number", "phase", "earliest_on", "target_on", "latest_on"):
                assert item[name] == alone[name], (on, name)
