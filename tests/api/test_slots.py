"""Slots: what is offered, in which order and why. That it can be booked: test_slots_offered."""

import pytest

from models import OpeningHours
from tests.factories_sessions import book, booking, make_active_plan, make_treatable_patient, moved
from tests.queries import counted_queries
from tests.stored_rows import write

PEOPLE = ("practitioner", "medical_director")


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


async def find(client, **query):
    answer = await client.get("/v1/slots", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def all_of(client, **query):
    """Every slot, page by page; no page is longer than asked for and none repeats anything."""
    found, page = [], await find(client, **query)
    while True:
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        page = await find(client, **query, cursor=page["next_cursor"])


def place(slot):
    return slot["starts_at"], slot["practitioner_id"]


def on_day(slot):
    return slot["local_starts_at"][:10]


# --- what is offered ------------------------------------------------------------------------------


async def test_what_asks_for_an_answer_is_offered_only_on_demand(as_role, clinic, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    question = {"plan_id": plan["id"], "from": "2026-03-02", "to": "2026-04-05", "limit": 200}
    plain = {on_day(each) for each in await all_of(desk, **question)}
    assert plain == {"2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"}
    warned = await all_of(desk, **question, allow="acknowledgement")
    asking = [each for each in warned if each["needs_acknowledgement"]]
    assert {on_day(each) for each in asking} == {f"2026-03-{day}" for day in range(13, 23)}
    assert asking[0]["needs_acknowledgement"] == ["SPACING-MAX-GAP"]
    assert asking[0]["reasons"][0]["code"] == "needs_acknowledgement"
    assert warned[-1] == asking[-1]  # they come last
    body = booking(plan, clinic, asking[0]["starts_at"], acknowledged=["SPACING-MAX-GAP"])
    tried = await desk.post("/v1/sessions?dry_run=true", json=body)
    assert tried.json()["outcome"] == "allowed"
    last = (await all_of(desk, **question, allow="override"))[-1]
    assert last["needs_override"]
    assert last["reasons"][0]["code"] == "needs_override"


async def test_where_nothing_is_free_it_says_which_rules_refuse(as_role, clinic, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    page = await find(desk, plan_id=plan["id"], **{"from": "2026-03-03"}, to="2026-03-07")
    assert (page["items"], page["next_cursor"]) == ([], None)
    assert (page["earliest_on"], page["target_on"]) == ("2026-03-08", "2026-03-09")
    refused = {each["code"]: each["days"] for each in page["refused"]}
    assert refused["SPACING-MIN-INTERVAL"] == 5


# --- order ---------------------------------------------------------------------------------------


async def test_the_protocols_day_and_the_plans_practitioner_come_first(as_role, clinic, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    slots = await all_of(desk, plan_id=plan["id"])
    first = slots[0]
    assert (on_day(first), first["days_from_target"]) == ("2026-03-09", 0)
    assert first["practitioner_id"] == plan["practitioner_id"]
    assert first["session_number"] == 2
    assert first["phase"] == "A"
    assert [each["code"] for each in first["reasons"]] == ["on_target", "preferred_practitioner"]
    assert first["why"] == ("On the protocol's day, 2026-03-09. With the preferred practitioner.")
    others = [each for each in slots if each["practitioner_id"] != plan["practitioner_id"]]
    assert others == slots[-len(others) :]
    mine = slots[: -len(others)]
    distances = [abs(each["days_from_target"]) for each in mine]
    assert distances == sorted(distances)


async def test_wishes_come_first_or_are_required(as_role, clinic, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    wish = {"plan_id": plan["id"], "weekday": [3], "time_from": "14:00", "time_to": "15:00"}
    slots = await all_of(desk, **wish)
    best = [(each["local_starts_at"], each["practitioner_id"]) for each in slots[:4]]
    assert best == [
        (f"2026-03-11T14:{minute}", plan["practitioner_id"]) for minute in ("00", "15", "30", "45")
    ]
    codes = [{reason["code"] for reason in each["reasons"]} for each in slots]
    missed = [len(each & {"other_practitioner", "other_weekday", "other_time"}) for each in codes]
    assert missed == sorted(missed)
    assert set(missed) == {0, 1, 2, 3}
    assert await all_of(desk, **wish, preferences="require") == slots[:4]


async def test_pages_are_stable_while_others_book(as_role, clinic, plan):
    desk = as_role("receptionist")
    question = {
        "duration_minutes": 30, "from": "2026-03-03", "to": "2026-03-03",
        "practitioner_id": [str(clinic.staff[role]) for role in PEOPLE],
    }  # fmt: skip
    whole = [place(each) for each in await all_of(desk, **question)]
    assert len(whole) == len(set(whole)) == 2 * 55
    page = await find(desk, **question, limit=7)
    seen = [place(each) for each in page["items"]]
    await book(desk, plan, clinic, page["items"][0]["starts_at"])
    while page["next_cursor"]:
        page = await find(desk, **question, limit=7, cursor=page["next_cursor"])
        seen += [place(each) for each in page["items"]]
    assert len(seen) == len(set(seen))
    assert seen == [each for each in whole if each in set(seen)]
    assert len(whole) - len(seen) <= 4  # what was booked meanwhile, and what overlaps it
    other = {**question, "duration_minutes": 45, "cursor": page["next_cursor"] or "AAAA"}
    refused = await desk.get("/v1/slots", params=other)
    assert refused.status_code == 422


async def test_a_room_with_features_is_kept_for_who_needs_it(as_role, clinic, plan):
    owner, desk = as_role("owner"), as_role("receptionist")
    lamp = str(clinic.room_ids[0])
    path = f"/v1/rooms/{lamp}"
    etag = (await owner.get(path)).headers["etag"]
    changed = await owner.patch(path, json={"features": ["LAMP"]}, headers={"If-Match": etag})
    assert changed.status_code == 200
    plain = await find(desk, duration_minutes=30, limit=1)
    assert plain["items"][0]["room_id"] == str(clinic.room_ids[1])
    needed = await find(desk, duration_minutes=30, limit=1, room_feature="LAMP")
    assert needed["items"][0]["room_id"] == lamp
    refused = await desk.get("/v1/slots", params={"duration_minutes": 30, "room_feature": "SAUNA"})
    assert refused.json()["errors"][0]["code"] == "no_such_room"


# --- clocks --------------------------------------------------------------------------------------


async def test_the_wall_clock_counts_when_the_clocks_change(as_role, clinic, app):
    hours = {"weekday": 7, "opens_minute": 60, "closes_minute": 4 * 60}
    await write(app, clinic, OpeningHours, hours)
    desk = as_role("receptionist")
    question = {"duration_minutes": 30, "practitioner_id": str(clinic.staff["practitioner"])}
    spring = await all_of(desk, **question, **{"from": "2026-03-29"}, to="2026-03-29")
    assert [each["local_starts_at"][11:] for each in spring] == [
        "01:00", "01:15", "01:30", "01:45", "03:00", "03:15", "03:30",
    ]  # fmt: skip
    assert spring[3]["ends_at"] == "2026-03-29T01:15:00Z"  # right through the gap


# --- bad questions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"duration_minutes": 0}, "/duration_minutes", "greater_than_equal"),
        ({"duration_minutes": 30, "from": "2026-03-01"}, "/from", "in_the_past"),
        ({"duration_minutes": 30, "from": "2026-03-02T07:59:00Z"}, "/from", "in_the_past"),
        ({"duration_minutes": 30, "from": "2026-03-05", "to": "2026-03-04"}, "/to", "reversed"),
        (
            {"duration_minutes": 30, "from": "2026-03-05T08:00:00Z", "to": "2026-03-05T08:00:00Z"},
            "/to",
            "reversed",
        ),
        ({"duration_minutes": 30, "to": "2026-08-30"}, "/to", "too_far"),
        ({"duration_minutes": 30, "from": "soon"}, "/from", "instant_format"),
        ({"duration_minutes": 30, "time_zone": "Mars/Olympus"}, "/time_zone", "time_zone"),
        ({"duration_minutes": 30, "weekday": 8}, "/weekday/0", "less_than_equal"),
        ({"duration_minutes": 30, "time_from": "24:00"}, "/time_from", "time_value"),
        (
            {"duration_minutes": 30, "time_from": "12:00", "time_to": "12:00"},
            "/time_to",
            "reversed",
        ),
    ],
)
async def test_a_question_that_makes_no_sense(as_role, query, pointer, code):
    refused = await as_role("receptionist").get("/v1/slots", params=query)
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert (error["pointer"], error["code"], error["location"]) == (pointer, code, "query")


async def test_the_horizon_is_included(as_role, clinic):
    page = await find(as_role("receptionist"), duration_minutes=30, to="2026-08-29", limit=1)
    assert page["searched_until"] == "2026-08-29T22:00:00Z"


async def test_a_plan_that_is_not_active_has_no_slots(as_role, clinic, plan):
    await moved(
        as_role("medical_director"), f"/v1/plans/{plan['id']}", "hold", {"reason": "A result."}
    )
    answer = await as_role("receptionist").get("/v1/slots", params={"plan_id": plan["id"]})
    assert answer.json()["type"] == "/problems/illegal-transition"


async def test_other_clinics_and_unknown_ids_are_not_found(as_role, clinic, plan):
    foreign = as_role("other:receptionist")
    practitioner = str(clinic.staff["practitioner"])
    for query in (
        {"plan_id": plan["id"]},
        {"duration_minutes": 30, "practitioner_id": practitioner},
        {"duration_minutes": 30, "room_id": str(clinic.room_ids[0])},
    ):
        assert (await foreign.get("/v1/slots", params=query)).status_code == 404


async def test_the_queries_do_not_grow_with_the_calendar(as_role, clinic, app, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    counts = []
    for hour in (10, 11):
        with counted_queries(app) as sent:
            await find(desk, plan_id=plan["id"], limit=50)
        counts.append(len(sent))
        patient = await make_treatable_patient(as_role("practitioner"), given_name="Ada")
        other = await make_active_plan(
            as_role, clinic, patient=patient, formula={"id": plan["formula_id"]}
        )
        await book(desk, other, clinic, f"2026-03-09T{hour}:00:00Z")
    assert counts[0] == counts[1]
