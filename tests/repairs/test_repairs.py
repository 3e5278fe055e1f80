"""A practitioner is ill, a room is out of use, the clinic must close."""

import pytest

from tests.factories_sessions import book, booking, make_active_plan, make_treatable_patient
from tests.repairs.conftest import ILL, apply


@pytest.fixture
async def plans(as_role, clinic):
    """Three patients in the same practitioner's care."""
    practitioner = as_role("practitioner")
    patients = [
        await make_treatable_patient(practitioner, given_name=name, family_name=f"Of {name}")
        for name in ("Ada", "Luc", "Zoe")
    ]
    return [await make_active_plan(as_role, clinic, patient=each) for each in patients]


async def test_who_is_ill_is_stood_in_for_at_the_same_time(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    sessions = [
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
        for plan, hour in zip(plans, (9, 10, 11), strict=True)
    ]
    ill = str(clinic.staff["practitioner"])
    proposal = await propose({"practitioner_id": ill})
    told = proposal.json()
    assert (told["state"], told["affected"], told["placed"]) == ("proposed", 3, 3)
    assert (told["gap"], told["in_time"]) == ("0.0000", True)
    assert [each["session_id"] for each in told["moves"]] == [each["id"] for each in sessions]
    for move, session in zip(told["moves"], sessions, strict=True):
        assert move["code"] == "reassigned"
        assert move["proposed"]["starts_at"] == session["starts_at"]
        assert move["proposed"]["practitioner_id"] != ill
        assert move["other_practitioner"]
    assert (
        told["objective"]
        == told["bound"]
        == 3 * 6 + sum(10 * each["days_off_target"] for each in told["moves"])
    )
    before = [(await desk.get(f"/v1/sessions/{each['id']}")).json() for each in sessions]
    assert [each["practitioner_id"] for each in before] == [ill] * 3  # nothing is moved yet

    applied = await apply(desk, proposal)
    assert applied.status_code == 200, applied.text
    assert applied.json()["state"] == "applied"
    for move in told["moves"]:
        now = (await desk.get(f"/v1/sessions/{move['session_id']}")).json()
        assert {name: now[name] for name in move["proposed"]} == move["proposed"]
    again = await apply(desk, applied)
    assert (again.status_code, again.json()["state"]) == (409, "applied")


async def test_where_nobody_may_stand_in_patients_are_moved(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    ill = str(clinic.staff["practitioner"])
    told = (await propose({"practitioner_id": ill}, practitioners="same")).json()
    (move,) = told["moves"]
    assert move["code"] == "moved"
    assert move["proposed"]["practitioner_id"] == ill
    assert not "2026-03-08T23" <= move["proposed"]["starts_at"] < "2026-03-15T23"
    assert told["objective"] >= 2000 + 10 * move["days_off_target"]


async def test_a_closed_clinic_moves_everybody_and_keeps_the_distance(
    as_role, clinic, plans, propose
):
    desk = as_role("receptionist")
    first = await book(desk, plans[0], clinic, "2026-03-03T09:00:00Z")
    second = await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    third = await book(desk, plans[0], clinic, "2026-03-17T09:00:00Z")
    proposal = await propose({"clinic": True}, to="2026-03-20T00:00:00+01:00")
    told = proposal.json()
    assert [each["session_id"] for each in told["moves"]] == [second["id"], third["id"]]
    days = [first["scheduled_on"]]
    assert told["placed"] == 2
    applied = await apply(desk, proposal)
    assert applied.status_code == 200, applied.text
    for move in told["moves"]:
        session = (await desk.get(f"/v1/sessions/{move['session_id']}")).json()
        days.append(session["scheduled_on"])
        outside = session["starts_at"] < "2026-03-08T23" or session["starts_at"] >= "2026-03-19T23"
        assert outside
    assert len(set(days)) == 3


async def test_a_proposal_is_refused_where_a_session_has_changed(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    session = await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    await book(desk, plans[1], clinic, "2026-03-11T09:00:00Z")
    proposal = await propose({"practitioner_id": str(clinic.staff["practitioner"])})
    path = f"/v1/sessions/{session['id']}"
    etag = (await desk.get(path)).headers["etag"]
    await desk.post(f"{path}/cancel", json={"reason": "Away."}, headers={"If-Match": etag})
    late = await book(desk, plans[2], clinic, "2026-03-12T09:00:00Z")
    refused = await apply(desk, proposal)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/repair-outdated")
    changed = {each["session_id"]: each["message"] for each in refused.json()["changed"]}
    assert changed == {
        session["id"]: "It is cancelled now.",
        late["id"]: "It was booked into that time.",
    }
    assert (await desk.get(f"/v1/repairs/{proposal.json()['id']}")).json()["state"] == "proposed"


async def test_a_proposal_is_refused_where_a_place_is_taken(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    session = await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    proposal = await propose({"practitioner_id": str(clinic.staff["practitioner"])})
    to = proposal.json()["moves"][0]["proposed"]
    taking = booking(
        plans[1], clinic, to["starts_at"], room_id=None, practitioner_id=to["practitioner_id"]
    )
    assert (await desk.post("/v1/sessions", json=taking)).status_code == 201
    refused = await apply(desk, proposal)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/repair-outdated")
    (changed,) = refused.json()["changed"]
    assert (changed["session_id"], changed["code"]) == (session["id"], "schedule-conflict")
    assert changed["conflicts"][0]["resource"] == "practitioner"
    same = (await desk.get(f"/v1/sessions/{session['id']}")).json()
    assert (same["version"], same["practitioner_id"]) == (
        session["version"], session["practitioner_id"],
    )  # fmt: skip


async def test_applying_twice_with_one_key_answers_the_first_answer(
    as_role, clinic, plans, propose
):
    desk = as_role("receptionist")
    await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    proposal = await propose({"practitioner_id": str(clinic.staff["practitioner"])})
    path = f"/v1/repairs/{proposal.json()['id']}/apply"
    headers = {"If-Match": proposal.headers["etag"], "Idempotency-Key": "repair-1"}
    first = await desk.post(path, json={}, headers=headers)
    again = await desk.post(path, json={}, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()


async def test_a_room_out_of_use_moves_to_the_other(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    told = (await propose({"room_id": str(clinic.room_ids[0])})).json()
    (move,) = told["moves"]
    assert (move["code"], move["other_practitioner"]) == ("reassigned", False)
    assert move["proposed"]["room_id"] == str(clinic.room_ids[1])


async def test_nothing_affected_is_a_proposal_too(propose):
    told = (await propose({"clinic": True})).json()
    assert (told["affected"], told["objective"], told["gap"], told["moves"]) == (0, 0, "0.0000", [])


async def test_the_same_calendar_gets_the_same_proposal(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    for plan, hour in zip(plans, (9, 10, 11), strict=True):
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
    first, again = [(await propose({"clinic": True})).json() for _ in range(2)]
    assert first["moves"] == again["moves"]
    assert first["objective"] == again["objective"]


@pytest.mark.parametrize(
    ("over", "pointer", "code"),
    [
        ({"unavailable": {}}, "/unavailable", "exactly_one"),
        ({"unavailable": {"clinic": True, "room_id": "R"}}, "/unavailable", "exactly_one"),
        ({"to": ILL["from"]}, "/to", "reversed"),
        ({"from": "2026-02-01T00:00:00Z", "to": "2026-03-02T08:00:00Z"}, "/to", "in_the_past"),
        ({"from": "2026-09-01T00:00:00Z", "to": "2026-09-02T00:00:00Z"}, "/from", "too_far"),
        ({"horizon_days": 181}, "/horizon_days", "less_than_equal"),
        ({"seconds": 0}, "/seconds", "greater_than_equal"),
    ],
)
async def test_what_makes_no_sense_is_said_where(as_role, clinic, over, pointer, code):
    body = {"unavailable": {"clinic": True}, **ILL} | over
    if body["unavailable"].get("room_id"):
        body["unavailable"] = body["unavailable"] | {"room_id": str(clinic.room_ids[0])}
    answer = await as_role("receptionist").post("/v1/repairs", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)


async def test_the_absence_is_recorded_with_it_by_who_may(as_role, clinic, plans, propose):
    desk, owner = as_role("receptionist"), as_role("owner")
    ill = str(clinic.staff["practitioner"])
    await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    proposal = await propose({"practitioner_id": ill})
    refused = await apply(desk, proposal, record_unavailability=True)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "staff:manage")
    again = await apply(desk, proposal)
    assert again.status_code == 200
    assert (await owner.get(f"/v1/staff/{ill}/time-off")).json()["items"] == []


async def test_a_closure_is_of_whole_days(app, as_role, clinic, propose):
    proposal = await propose({"clinic": True}, to="2026-03-15T12:00:00+01:00")
    refused = await apply(as_role("receptionist"), proposal, record_unavailability=True)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "clinic:manage")


async def test_another_clinic_sees_none_of_it(as_role, clinic, plans, propose):
    await book(as_role("receptionist"), plans[0], clinic, "2026-03-10T09:00:00Z")
    proposal = await propose({"clinic": True})
    other = as_role("other:receptionist")
    path = f"/v1/repairs/{proposal.json()['id']}"
    assert (await other.get(path)).status_code == 404
    assert (await other.get("/v1/repairs")).json()["items"] == []
    listed = (await as_role("receptionist").get("/v1/repairs?state=proposed")).json()["items"]
    assert [each["id"] for each in listed] == [proposal.json()["id"]]


@pytest.fixture
async def manager(as_role, clinic):
    """The owner, who works at the desk as well."""
    owner = as_role("owner")
    path = f"/v1/staff/{clinic.staff['owner']}"
    etag = (await owner.get(path)).headers["etag"]
    roles = {"roles": ["owner", "receptionist"]}
    assert (await owner.patch(path, json=roles, headers={"If-Match": etag})).status_code == 200
    return owner


async def test_the_absence_is_written_with_the_moves(clinic, plans, propose, manager, as_role):
    ill = str(clinic.staff["practitioner"])
    session = await book(as_role("receptionist"), plans[0], clinic, "2026-03-10T09:00:00Z")
    applied = await apply(
        manager, await propose({"practitioner_id": ill}), record_unavailability=True
    )
    assert applied.status_code == 200, applied.text
    (away,) = (await manager.get(f"/v1/staff/{ill}/time-off")).json()["items"]
    assert (away["starts_at"], away["ends_at"]) == ("2026-03-08T23:00:00Z", "2026-03-15T23:00:00Z")
    listed = (await manager.get("/v1/worklists/review")).json()["items"]
    assert [each for each in listed if each["session_id"] == session["id"]] == []


async def test_the_closure_is_written_on_its_whole_days(clinic, plans, propose, manager, as_role):
    await book(as_role("receptionist"), plans[0], clinic, "2026-03-10T09:00:00Z")
    half = await apply(
        manager,
        await propose({"clinic": True}, to="2026-03-15T12:00:00+01:00"),
        record_unavailability=True,
    )
    assert half.status_code == 422
    assert half.json()["errors"][0]["code"] == "whole_days"
    applied = await apply(manager, await propose({"clinic": True}), record_unavailability=True)
    assert applied.status_code == 200, applied.text
    (closure,) = (await manager.get("/v1/clinic/closures")).json()["items"]
    assert (closure["starts_on"], closure["ends_on"]) == ("2026-03-09", "2026-03-15")
