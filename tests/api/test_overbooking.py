"""Double-booking on purpose: one resource, with a reason, visible; all else is protected."""

import icalendar
import pytest

from tests.factories import made
from tests.factories_sessions import (
    book,
    booking,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.remembering import remembered

TEN = "2026-03-05T10:00:00+01:00"
WHY = {
    "resource": "practitioner", "reason": "assisted",
    "comment": "A colleague watches the first patient meanwhile.",
}  # fmt: skip


@pytest.fixture
@remembered
async def plans(as_role, clinic):
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    found = []
    for number in range(3):
        patient = await make_treatable_patient(practitioner, family_name=f"Patient {number}")
        found.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    return found


@pytest.fixture
@remembered
async def first(as_role, clinic, plans):
    return await book(as_role("receptionist"), plans[0], clinic, TEN)


def elsewhere(clinic, **over):
    return {"room_id": str(clinic.room_ids[1])} | over


async def test_one_practitioner_twice_on_purpose(as_role, clinic, plans, first):
    practitioner = as_role("practitioner")
    body = booking(plans[1], clinic, TEN, **elsewhere(clinic))
    refused = await practitioner.post("/v1/sessions", json=body)
    assert [each["resource"] for each in refused.json()["conflicts"]] == ["practitioner"]
    trial = await practitioner.post("/v1/sessions?dry_run=true", json=body | {"overbook": WHY})
    assert (trial.status_code, trial.json()["outcome"]) == (200, "allowed")
    session = await made(practitioner, "/v1/sessions", body | {"overbook": WHY})
    read = (await practitioner.get(f"/v1/sessions/{session['id']}")).json()
    assert (read["overbooks"], read["overbook_reason"], read["overbook_comment"]) == (
        "practitioner", "assisted", WHY["comment"],
    )  # fmt: skip
    # Nobody comes in between them, neither beside the one nor beside the other.
    third = booking(plans[2], clinic, TEN, room_id=None)
    conflicts = (await practitioner.post("/v1/sessions", json=third)).json()["conflicts"]
    assert {each["session_id"] for each in conflicts} == {first["id"], session["id"]}


async def test_it_is_visible_wherever_sessions_are(as_role, anonymous, clinic, plans, first):
    practitioner, owner = as_role("practitioner"), as_role("owner")
    body = booking(plans[1], clinic, TEN, **elsewhere(clinic, overbook=WHY))
    session = await made(practitioner, "/v1/sessions", body)
    listed = (await owner.get("/v1/sessions?overbooked=true")).json()["items"]
    assert [each["id"] for each in listed] == [session["id"]]
    others = (await owner.get("/v1/sessions?overbooked=false")).json()["items"]
    assert [each["id"] for each in others] == [first["id"]]
    day = (await owner.get("/v1/day-sheet?on=2026-03-05")).json()["items"]
    assert {each["id"]: each["overbooks"] for each in day} == {
        first["id"]: None, session["id"]: "practitioner",
    }  # fmt: skip
    mine = {"name": "Mine", "practitioner_id": str(clinic.staff["practitioner"])}
    for detail, words in (("busy", "Appointment"),
                          ("desk", "Session 1 (scheduled, double-booked on purpose)")):  # fmt: skip
        feed = await made(owner, "/v1/calendars", mine | {"detail": detail})
        text = (await anonymous.get(f"/v1/calendars/{feed['secret']}.ics")).text
        events = {str(e["UID"])[:36]: e for e in icalendar.Calendar.from_ical(text).walk("VEVENT")}
        assert len(events) == 2
        assert (events[session["id"]]["SUMMARY"], events[session["id"]]["TRANSP"]) == (
            words, "OPAQUE",
        )  # fmt: skip
        assert WHY["comment"] not in text


async def test_one_resource_at_a_time(as_role, clinic, plans, first):
    practitioner = as_role("practitioner")
    body = booking(plans[1], clinic, TEN, overbook=WHY)  # the same room as well
    answer = await practitioner.post("/v1/sessions", json=body)
    assert answer.status_code == 409
    assert [each["resource"] for each in answer.json()["conflicts"]] == ["room"]
    room = WHY | {"resource": "room"}
    answer = await practitioner.post("/v1/sessions", json=body | {"overbook": room})
    assert [each["resource"] for each in answer.json()["conflicts"]] == ["practitioner"]
    second = {"practitioner_id": str(clinic.staff["second:practitioner"])}
    session = await made(practitioner, "/v1/sessions", body | second | {"overbook": room})
    assert session["overbooks"] == "room"


async def test_the_patient_is_in_one_place_at_a_time(as_role, clinic, plans, first):
    practitioner = as_role("practitioner")
    other = await make_active_plan(as_role, clinic, patient={"id": plans[0]["patient_id"]})
    body = booking(other, clinic, TEN, **elsewhere(clinic, overbook=WHY))
    answer = await practitioner.post("/v1/sessions", json=body)
    assert answer.status_code == 409
    assert "patient" in {each["resource"] for each in answer.json()["conflicts"]}
    body["overbook"] = WHY | {"resource": "patient"}
    assert (await practitioner.post("/v1/sessions", json=body)).status_code == 422


async def test_it_needs_its_scope_and_a_person(as_role, anonymous, clinic, plans, first):
    body = booking(plans[1], clinic, TEN, **elsewhere(clinic, overbook=WHY))
    for role in ("receptionist", "nurse", "owner"):
        answer = await as_role(role).post("/v1/sessions", json=body)
        assert (answer.status_code, answer.json()["missing_scope"]) == (403, "sessions:overbook")
    key = {"name": "x", "scopes": ["sessions:schedule", "sessions:overbook"]}
    refused = await as_role("owner").post("/v1/api-keys", json=key)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "personal_scope")
    assert (await as_role("medical_director").post("/v1/sessions", json=body)).status_code == 201


@pytest.mark.parametrize(
    "over",
    [
        {"comment": "x" * 19}, {"comment": " " * 30}, {"reason": "because"}, {"reason": None},
        {"resource": "clinic"},
    ],
)  # fmt: skip
async def test_it_needs_a_coded_reason_and_a_comment(as_role, clinic, plans, first, over):
    body = booking(plans[1], clinic, TEN, **elsewhere(clinic, overbook=WHY | over))
    answer = await as_role("practitioner").post("/v1/sessions", json=body)
    assert answer.status_code == 422


async def test_where_nothing_is_taken_there_is_nothing_to_overbook(as_role, clinic, plans):
    body = booking(plans[1], clinic, TEN, overbook=WHY)
    answer = await as_role("practitioner").post("/v1/sessions", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/overbook/resource", "nothing_to_overbook")


async def test_a_move_says_it_again_or_ends_it(as_role, clinic, plans, first):
    practitioner = as_role("practitioner")
    free = elsewhere(clinic)
    session = await book(practitioner, plans[1], clinic, "2026-03-05T14:00:00+01:00", **free)
    path = f"/v1/sessions/{session['id']}"

    async def patch(**body):
        tag = {"If-Match": (await practitioner.get(path)).headers["etag"]}
        return await practitioner.patch(path, json=body, headers=tag)

    assert (await patch(starts_at=TEN)).status_code == 409
    there = await patch(starts_at=TEN, overbook=WHY)
    assert (there.status_code, there.json()["overbooks"]) == (200, "practitioner")
    noted = await patch(notes="Ask for the colleague.")
    assert (noted.status_code, noted.json()["overbooks"]) == (200, "practitioner")
    away = await patch(starts_at="2026-03-05T10:30:00+01:00")
    assert (away.status_code, away.json()["overbooks"]) == (200, None)
    assert away.json()["overbook_comment"] is None


async def test_what_is_taken_still_is_not_offered(as_role, clinic, plans, first):
    practitioner = as_role("practitioner")
    body = booking(plans[1], clinic, TEN, **elsewhere(clinic, overbook=WHY))
    await made(practitioner, "/v1/sessions", body)
    waits = {"plan_id": plans[2]["id"], "duration_minutes": 30, "until_on": "2026-03-31"}
    await made(practitioner, "/v1/waitlist", waits)
    await moved(practitioner, f"/v1/sessions/{first['id']}", "cancel", {"reason": "Ill."})
    assert (await practitioner.get("/v1/waitlist/offers")).json()["items"] == []
