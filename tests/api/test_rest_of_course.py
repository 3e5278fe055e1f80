"""Moving one session of a course: both futures of the others, and the offer to move them along."""

from datetime import UTC, datetime
from time import process_time

import pytest

from models import TimeOff
from tests.api.test_courses import LATER, away, booked, days, sessions_of
from tests.api.test_recheck import review, told
from tests.api.test_recheck_neighbours import BOTH, reasons
from tests.factories_sessions import make_active_plan
from tests.queries import counted_queries
from tests.stored_rows import write

# Eleven at nine o'clock in Paris; the fourth on 23 March, before the clocks go forward.
NINE_DAYS_ON = "2026-04-01T09:00:00+02:00"
FOLLOWING = [
    "2026-04-15", "2026-04-29", "2026-05-13", "2026-05-27", "2026-06-24", "2026-07-22",
    "2026-08-19",
]  # fmt: skip
TOO_LONG = {"acknowledged": ["SPACING-MAX-GAP"]}


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def course(as_role, plan):
    return (await booked(as_role("receptionist"), plan))["sessions"]


async def patch(client, session, query="", version='"1"', **body):
    path = f"/v1/sessions/{session['id']}{query}"
    return await client.patch(path, json=body, headers={"If-Match": version})


async def shown(client, session, **body):
    """What a dry run of the move shows of the others, and of the session."""
    answer = await patch(client, session, "?dry_run=true", **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["rest_of_course"]


async def follow(client, offer, query="?dry_run=true"):
    """Send what is offered as it stands, or without its dry run."""
    href = offer["href"].removesuffix("?dry_run=true") + query
    return await client.request(
        offer["method"], href, json=offer["body"], headers={"If-Match": offer["if_match"]}
    )


async def test_a_dry_run_shows_both_futures_and_its_offer_is_followed(as_role, plan, course):
    desk, fourth = as_role("receptionist"), course[3]
    rest = await shown(desk, fourth, starts_at=NINE_DAYS_ON, **TOO_LONG)
    fifth, *others = rest["sessions"]
    assert [each["id"] for each in rest["sessions"]] == [each["id"] for each in course[4:]]
    assert [each["session_number"] for each in rest["sessions"]] == [5, 6, 7, 8, 9, 10, 11]
    assert fifth["brought"] == list(BOTH)
    assert {(each["measured"], each["limit"]) for each in fifth["findings"]} == {
        ("5", "12"), ("5", "6"),
    }  # fmt: skip
    assert [each["brought"] for each in others] == [[]] * 6
    offer = rest["shift"]
    assert offer["href"] == f"/v1/sessions/{fourth['id']}/shift?dry_run=true"
    assert (offer["if_match"], offer["unanswered"], offer["no_place_for"]) == ('"1"', [], None)

    tried = await follow(desk, offer)
    assert (tried.status_code, tried.json()["outcome"]) == (200, "allowed")
    assert [each["version"] for each in await sessions_of(desk, plan)] == [1] * 11
    made = (await follow(desk, offer, query="")).json()
    assert days(made) == ["2026-04-01", *FOLLOWING]
    assert {each["local_starts_at"][11:] for each in made["sessions"]} == {"09:00"}
    assert {each["days_from_target"] for each in made["sessions"][1:]} == {0}
    starts = [each["starts_at"] for each in made["sessions"]]
    assert [each["would_start_at"] for each in rest["sessions"]] == starts[1:]
    assert [each["starts_at"] for each in await sessions_of(desk, plan)][3:] == starts


async def test_a_refused_move_shows_the_shift_that_would_help(as_role, plan, course):
    desk, fourth = as_role("receptionist"), course[3]
    refused = await patch(desk, fourth, starts_at=NINE_DAYS_ON, **TOO_LONG)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (409, "/problems/refused-by-rules")
    assert problem["unanswered"] == sorted(BOTH)
    tried = await shown(desk, fourth, starts_at=NINE_DAYS_ON, **TOO_LONG)
    assert problem["rest_of_course"] == tried
    assert (await follow(desk, tried["shift"], query="")).status_code == 200
    assert [each["version"] for each in await sessions_of(desk, plan)][:3] == [1] * 3


async def test_moved_alone_it_leaves_findings_until_the_rest_follows(as_role, plan, course):
    doctor, fourth = as_role("practitioner"), course[3]
    answer = await patch(doctor, fourth, starts_at=NINE_DAYS_ON, **reasons(*BOTH), **TOO_LONG)
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    rest = moved["rest_of_course"]
    assert rest["sessions"][0]["findings"] == moved["next_session"]["findings"]
    assert moved["needs_review"] == [course[4]["id"]]
    left = [each for each in await review(as_role) if each["session"]["id"] == course[4]["id"]]
    assert told(left) == [("booking", "override", ["SPACING-MIN-INTERVAL", *[BOTH[1]] * 2])]

    offer = rest["shift"]
    assert (offer["if_match"], offer["unanswered"]) == (answer.headers["etag"], [])
    assert "overrides" not in offer["body"]  # what the move asked for is answered
    assert (await follow(doctor, offer)).json()["outcome"] == "allowed"
    shifted = await follow(doctor, offer, query="")
    assert days(shifted.json()) == ["2026-04-01", *FOLLOWING]
    stays = shifted.json()["sessions"][0]
    assert stays["starts_at"] == stays["moved_from"] == moved["starts_at"]
    now = (await sessions_of(doctor, plan))[3]
    assert (now["version"], now["decision_id"]) == (moved["version"], moved["decision_id"])
    codes = {finding["code"] for each in await review(as_role) for finding in each["findings"]}
    assert codes == {"PLAN-REASSESS-DUE"}


async def test_sessions_that_one_was_moved_past_come_along(as_role, plan, course):
    doctor, fourth, fifth = as_role("practitioner"), course[3], course[4]
    later = "2026-04-13T09:00:00+02:00"
    before = await shown(doctor, fourth, starts_at=later)
    assert "also_moving" not in before["shift"]["body"]  # it is behind, until the move is made
    answer = await patch(doctor, fourth, starts_at=later, **reasons(BOTH[0]))
    moved = answer.json()
    assert moved["session_number"] == 5, answer.text
    rest = moved["rest_of_course"]
    assert [each["session_number"] for each in rest["sessions"]] == [4, 6, 7, 8, 9, 10, 11]
    assert rest["shift"]["body"]["also_moving"] == [fifth["id"]]
    shifted = await follow(doctor, rest["shift"], query="")
    assert days(shifted.json())[:3] == ["2026-04-13", "2026-04-27", "2026-05-11"]
    now = await sessions_of(doctor, plan)
    assert [each["id"] for each in now] == [each["id"] for each in course]
    assert [each["session_number"] for each in now] == list(range(1, 12))


async def test_moved_before_another_the_other_follows(as_role, plan, course):
    doctor, fourth, fifth = as_role("practitioner"), course[3], course[4]
    answers = reasons(*BOTH)
    rest = await shown(doctor, fifth, starts_at="2026-03-22T09:00:00+01:00", **answers)
    offer = rest["shift"]
    assert offer["body"]["also_moving"] == [fourth["id"]]
    assert offer["body"]["overrides"] == [
        {**each, "pointer": None} for each in answers["overrides"]
    ]
    made = await follow(doctor, offer, query="")
    assert days(made.json())[:3] == ["2026-03-22", "2026-04-05", "2026-04-19"]
    assert [each["id"] for each in made.json()["sessions"][:2]] == [fifth["id"], fourth["id"]]


async def test_nothing_hangs_on_a_move_that_keeps_the_start_or_is_the_last(
    as_role, clinic, plan, course
):
    desk = as_role("receptionist")
    room = {"room_id": str(clinic.room_ids[1])}
    assert await shown(desk, course[3], **room) is None
    assert await shown(desk, course[3], notes="By tram.") is None
    last = {"starts_at": "2026-08-11T09:00:00+02:00", **LATER}
    assert await shown(desk, course[10], **last) is None
    moved = await patch(desk, course[10], **last)
    assert (moved.status_code, moved.json()["rest_of_course"]) == (200, None)


async def test_a_shift_that_finds_no_place_is_told_as_such(as_role, app, clinic, plan, course):
    desk = as_role("receptionist")
    await write(app, clinic, TimeOff, away(clinic))
    rest = await shown(desk, course[1], starts_at="2026-03-12T09:00:00+01:00")
    assert rest["shift"]["no_place_for"] == 3
    assert {each["would_start_at"] for each in rest["sessions"]} == {None}
    tried = (await follow(desk, rest["shift"])).json()
    assert (tried["outcome"], tried["session_number"]) == ("refused", 3)


async def test_a_move_does_not_wait_for_a_long_search(as_role, app, clinic, plan, course):
    """Only the ninth is stuck, so that all places of all before it could be tried in vain."""
    summer = {
        "starts_at": datetime(2026, 6, 1, tzinfo=UTC), "ends_at": datetime(2026, 9, 30, tzinfo=UTC),
    }  # fmt: skip
    await write(app, clinic, TimeOff, away(clinic) | summer)
    before = process_time()
    rest = await shown(as_role("receptionist"), course[1], starts_at="2026-03-12T09:00:00+01:00")
    assert process_time() - before < 2  # seconds of CPU; 0.2 where this was written
    assert rest["shift"]["no_place_for"] == 9


async def test_who_where_and_how_long_go_with_the_session_alone(as_role, clinic, plan, course):
    desk = as_role("receptionist")
    second = str(clinic.staff["second:practitioner"])
    other = {"practitioner_id": second, "room_id": None, "duration_minutes": 45}
    rest = await shown(desk, course[1], starts_at="2026-03-12T09:00:00+01:00", **other)
    assert {name: rest["shift"]["body"][name] for name in other} == other
    made = (await follow(desk, rest["shift"], query="")).json()["sessions"]
    assert (made[0]["practitioner_id"], made[0]["room_id"]) == (second, None)
    now = await sessions_of(desk, plan)
    assert [each["duration_minutes"] for each in now] == [30, 45, *[30] * 9]
    assert {each["room_id"] for each in now[2:]} == {course[2]["room_id"]}


async def test_a_move_that_double_books_is_made_before_the_rest_follows(as_role, plan, course):
    director, second = as_role("medical_director"), course[1]
    body = {"practitioner_id": plan["practitioner_id"], "duration_minutes": 30}
    at = "2026-03-10T09:00:00+01:00"
    assert (
        await director.post("/v1/reservations", json=body | {"starts_at": at})
    ).status_code == 201
    overbook = {
        "resource": "practitioner",
        "reason": "urgent",
        "comment": "A quick look at the scalp.",
    }
    rest = await shown(director, second, starts_at=at, overbook=overbook)
    assert (rest["shift"], rest["sessions"][0]["would_start_at"]) == (None, None)
    moved = await patch(director, second, starts_at=at, overbook=overbook)
    assert (await follow(director, moved.json()["rest_of_course"]["shift"], "")).status_code == 200
    assert (await sessions_of(director, plan))[1]["overbooks"] == "practitioner"


async def test_only_sessions_of_the_course_come_along(as_role, clinic, plan, course):
    desk, third = as_role("receptionist"), course[2]
    body = {"starts_at": third["starts_at"], **LATER}
    path = f"/v1/sessions/{third['id']}/shift"
    for stranger, status in ((third["id"], 422), (plan["id"], 404)):
        along = body | {"also_moving": [stranger]}
        answer = await desk.post(path, json=along, headers={"If-Match": '"1"'})
        assert answer.status_code == status, answer.text
    assert answer.json()["type"] == "/problems/not-found"


async def test_what_it_asks_the_database_does_not_grow_with_the_course(as_role, app, plan, course):
    sent = []
    for session, start in ((course[1], "2026-03-13"), (course[7], "2026-05-28")):
        with counted_queries(app) as queries:
            rest = await shown(as_role("receptionist"), session, starts_at=f"{start}T09:00:00Z")
        sent.append((len(rest["sessions"]), len(queries)))
    (many, most), (few, least) = sent
    assert (many, few) == (9, 3)
    assert most - least <= 12  # calendars are read by stretches of three weeks
