"""Moving or cancelling one session changes what the patient's others are judged by."""

import pytest

from tests.api.test_recheck import booked, review, told
from tests.factories_sessions import make_active_plan, move_on, moved
from tests.queries import counted_queries

WEEKLY = tuple(f"2026-03-{day:02}T09:00:00Z" for day in (10, 17, 24, 31))


@pytest.fixture
async def plan(as_role, clinic):
    """An active weekly plan, 6 to 10 days apart, with four sessions booked from 10 March on."""
    return await booked(as_role, clinic, await make_active_plan(as_role, clinic), *WEEKLY)


async def cancelled(as_role, plan, number):
    path = f"/v1/sessions/{plan['sessions'][number - 1]['id']}"
    return await moved(as_role("receptionist"), path, "cancel", {"reason": "Travels."})


async def patch(client, session, body, query=""):
    path = f"/v1/sessions/{session['id']}"
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(f"{path}{query}", json=body, headers={"If-Match": etag})


def reasons(*codes):
    comment = "Agreed with the patient after examination."
    given = {"reason": "clinical_judgement", "comment": comment}
    return {"overrides": [given | {"code": code} for code in codes]}


BOTH = ("SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN")


async def test_cancelling_shows_what_it_means_for_the_next_one(as_role, plan):
    """14 days are more than phase A's 10: a warning, which nobody needs to answer before the
    visit. With the next one gone as well it is 21, more than twice as much: an override."""
    answer = await cancelled(as_role, plan, 2)
    after = answer["next_session"]
    assert (after["id"], after["session_number"]) == (plan["sessions"][2]["id"], 2)
    [gap] = after["findings"]
    assert (gap["code"], gap["severity"]) == ("SPACING-MAX-GAP", "warn")
    assert (gap["measured"], gap["limit"], gap["unit"]) == ("14", "10", "d")
    assert answer["needs_review"] == []
    assert await review(as_role) == []

    answer = await cancelled(as_role, plan, 3)
    [gap] = answer["next_session"]["findings"]
    assert (gap["measured"], gap["severity"]) == ("21", "override")
    last = plan["sessions"][3]["id"]
    assert answer["needs_review"] == [last]
    items = await review(as_role)
    assert told(items) == [("booking", "override", ["SPACING-MAX-GAP"])]
    assert items[0]["session"]["id"] == last
    feed = await as_role("owner").get("/v1/events?types=session.needs_review&limit=200")
    assert [each["resource_id"] for each in feed.json()["items"]] == [last]


@pytest.mark.parametrize(
    ("day", "listed"), [("2026-03-30", 0), ("2026-03-31", 1)], ids=["20 days", "21 days"]
)
async def test_twice_the_longest_gap_is_the_boundary(as_role, clinic, day, listed):
    plan = await make_active_plan(as_role, clinic)
    starts = (*WEEKLY[:3], f"{day}T09:00:00Z")
    plan = await booked(as_role, clinic, plan, *starts)
    await cancelled(as_role, plan, 2)
    answer = await cancelled(as_role, plan, 3)
    assert len(answer["needs_review"]) == listed
    assert len(await review(as_role)) == listed


async def test_a_missed_session_counts_as_one_that_is_not_there(as_role, plan, clock):
    await cancelled(as_role, plan, 2)
    await cancelled(as_role, plan, 3)
    assert len(await review(as_role)) == 1
    clock.advance(days=9)
    path = f"/v1/sessions/{plan['sessions'][0]['id']}"
    await moved(as_role("receptionist"), path, "no-show")
    assert await review(as_role) == []  # there is none before it now


async def test_moving_one_nearer_to_the_next_lists_the_next(as_role, plan):
    """The practitioner answers for the session that moves, not for the one behind it."""
    practitioner = as_role("practitioner")
    body = {"starts_at": "2026-03-20T09:00:00Z"}
    refused = await patch(practitioner, plan["sessions"][1], body)
    assert refused.json()["findings"][0]["code"] == "SPACING-MIN-INTERVAL"
    body |= reasons(*BOTH)
    dry = await patch(practitioner, plan["sessions"][1], body, "?dry_run=true")
    assert await review(as_role) == []
    answer = await patch(practitioner, plan["sessions"][1], body)
    assert answer.status_code == 200, answer.text
    third = plan["sessions"][2]["id"]
    after = answer.json()["next_session"]
    assert (after["id"], after["session_number"]) == (third, 3)
    gap, *of_ingredients = after["findings"]
    assert (gap["code"], gap["measured"], gap["limit"]) == (BOTH[0], "4", "6")
    assert {each["code"] for each in of_ingredients} == {BOTH[1]}
    assert answer.json()["needs_review"] == [third]
    [(cause, severity, codes)] = told(await review(as_role))
    assert (cause, severity, set(codes)) == ("booking", "override", set(BOTH))
    asked = {name: dry.json()[name] for name in ("next_session", "needs_review")}
    assert asked == {name: answer.json()[name] for name in asked}

    back = await patch(practitioner, plan["sessions"][1], {"starts_at": WEEKLY[1]})
    assert (back.json()["next_session"]["findings"], back.json()["needs_review"]) == ([], [])
    assert await review(as_role) == []


async def test_a_session_in_between_moves_the_others_up(as_role, clinic, plan):
    """Behind a new fourth one the fifth falls into phase B, which asks for 12 days; the third
    is too near before it."""
    body = {"plan_id": plan["id"], "starts_at": "2026-03-27T09:00:00Z", "duration_minutes": 30}
    body |= {"practitioner_id": plan["practitioner_id"]} | reasons(*BOTH)
    answer = await as_role("practitioner").post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    third, fifth = await review(as_role)
    assert [third["session"]["id"], fifth["session"]["id"]] == [
        each["id"] for each in plan["sessions"][2:]
    ]
    assert {each["code"] for each in third["findings"]} == set(BOTH)
    gap = fifth["findings"][0]
    assert (gap["code"], gap["measured"], gap["limit"]) == (BOTH[0], "4", "12")


async def test_the_last_session_has_none_behind_it(as_role, plan):
    answer = await cancelled(as_role, plan, 4)
    assert (answer["next_session"], answer["needs_review"]) == (None, [])


async def test_only_a_note_judges_nobody(app, as_role, plan):
    with counted_queries(app) as sent:
        answer = await patch(as_role("receptionist"), plan["sessions"][1], {"notes": "By tram."})
    assert answer.json()["needs_review"] == []
    assert not [each for each in sent if "FROM worklist_item" in each]


async def test_what_it_costs_grows_little_with_each_session_behind(app, as_role, clinic, plan):
    desk, third = as_role("receptionist"), plan["sessions"][2]
    with counted_queries(app) as none:
        moved = await patch(desk, plan["sessions"][3], {"starts_at": WEEKLY[3][:-6] + "30:00Z"})
    assert moved.status_code == 200, moved.text
    with counted_queries(app) as one:
        moved = await patch(desk, third, {"starts_at": WEEKLY[2][:-6] + "30:00Z"})
    assert moved.status_code == 200, moved.text
    more = ("2026-04-14T09:00:00Z", "2026-04-28T09:00:00Z", "2026-05-12T09:00:00Z")
    await booked(as_role, clinic, plan, *more)
    with counted_queries(app) as four:
        moved = await patch(desk, third, {"starts_at": WEEKLY[2]})
    assert moved.status_code == 200, moved.text
    assert len(one) - len(none) <= 51  # both futures of the course, however long it is
    assert len(four) - len(one) <= 3 * 2


async def test_another_patient_is_not_looked_at(as_role, clinic, plan):
    answer = await move_on(
        as_role("receptionist"), f"/v1/sessions/{plan['sessions'][0]['id']}", "confirm"
    )
    assert answer.status_code == 200
    assert await review(as_role) == []
