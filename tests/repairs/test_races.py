"""A proposal is carried out while others book, move and cancel: all of it or nothing."""

import asyncio

import pytest

from api.main import HANDLERS
from api.operations.runner import Runner
from api.repairs.candidates import find
from tests.factories_sessions import book, booking, make_active_plan, make_treatable_patient
from tests.repairs.conftest import ILL, apply

_NAMES = ("Ada", "Bea", "Cem", "Dan", "Eva", "Fay")


@pytest.fixture
async def plans(as_role, clinic):
    practitioner = as_role("practitioner")
    patients = [
        await make_treatable_patient(practitioner, given_name=name, family_name=f"Of {name}")
        for name in _NAMES
    ]
    return [await make_active_plan(as_role, clinic, patient=each) for each in patients]


async def _overlaps(desk) -> list[tuple[str, str]]:
    listed = (await desk.get("/v1/sessions?limit=200")).json()["items"]
    live = [each for each in listed if each["state"] in {"scheduled", "confirmed"}]
    return [
        (one["id"], other["id"])
        for number, one in enumerate(live)
        for other in live[number + 1 :]
        if one["starts_at"] < other["ends_at"]
        and other["starts_at"] < one["ends_at"]
        and (
            one["practitioner_id"] == other["practitioner_id"]
            or one["patient_id"] == other["patient_id"]
            or (one["room_id"] is not None and one["room_id"] == other["room_id"])
        )
    ]


async def test_applying_races_bookings_of_the_same_places(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    moved, others = plans[:3], plans[3:]
    for hour, plan in enumerate(moved, 9):
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
    proposal = await propose({"practitioner_id": str(clinic.staff["practitioner"])})
    moves = proposal.json()["moves"]
    taking = [
        booking(
            plan, clinic, move["proposed"]["starts_at"], room_id=None,
            practitioner_id=move["proposed"]["practitioner_id"],
        )
        for plan, move in zip(others, moves, strict=True)
    ]  # fmt: skip
    applied, *booked = await asyncio.gather(
        apply(desk, proposal), *(desk.post("/v1/sessions", json=each) for each in taking)
    )
    assert applied.status_code in {200, 409}, applied.text
    assert {each.status_code for each in booked} <= {201, 409}
    now = [(await desk.get(f"/v1/sessions/{each['session_id']}")).json() for each in moves]
    places = [{name: each[name] for name in moves[0]["present"]} for each in now]
    if applied.status_code == 200:
        assert places == [each["proposed"] for each in moves]
        assert all(each.status_code == 409 for each in booked)
    else:
        assert applied.json()["type"] == "/problems/repair-outdated"
        assert places == [each["present"] for each in moves]
        assert any(each.status_code == 201 for each in booked)
    assert await _overlaps(desk) == []


async def test_two_who_apply_move_everybody_once(as_role, clinic, plans, propose):
    desk = as_role("receptionist")
    for hour, plan in enumerate(plans[:3], 9):
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
    proposal = await propose({"clinic": True}, to="2026-03-11T00:00:00+01:00")
    answers = await asyncio.gather(*(apply(desk, proposal) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 412, 412, 412]
    for move in proposal.json()["moves"]:
        session = (await desk.get(f"/v1/sessions/{move['session_id']}")).json()
        assert (session["version"], session["starts_at"]) == (2, move["proposed"]["starts_at"])


async def test_work_on_a_proposal_is_cancelled_and_leaves_none(
    app, as_role, clinic, plans, monkeypatch
):
    desk = as_role("receptionist")
    await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    body = {"unavailable": {"clinic": True}, **ILL}
    asked = await desk.post("/v1/repairs", json=body)
    operation = asked.json()

    async def cancelled_meanwhile(*_args, look, **_kwargs):
        read = await desk.get(asked.headers["location"])
        path = f"{asked.headers['location']}/cancel"
        answer = await desk.post(path, headers={"If-Match": read.headers["etag"]})
        assert answer.status_code == 200, answer.text
        await look()
        raise AssertionError("the work went on")

    monkeypatch.setattr(
        "api.repairs.planning.solve_apart",
        lambda sessions, seconds, look: cancelled_meanwhile(look=look),
    )
    await Runner(app.state.database, HANDLERS).run_waiting()
    ended = (await desk.get(asked.headers["location"])).json()
    assert (ended["status"], ended["result"]) == ("cancelled", None)
    repair = await desk.get(f"/v1/repairs/{operation['args']['repair_id']}")
    assert (repair.json()["state"], repair.json()["moves"]) == ("planning", [])
    refused = await apply(desk, repair)
    assert (refused.status_code, refused.json()["state"]) == (409, "planning")


async def test_others_are_served_while_places_are_looked_for(
    as_role, clinic, plans, propose, monkeypatch
):
    desk = as_role("receptionist")
    for hour, plan in enumerate(plans[:3], 9):
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
    turns, seen = 0, []

    async def somebody_else():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def looked(*args):
        seen.append(turns)
        return find(*args)

    monkeypatch.setattr("api.repairs.planning.find", looked)
    other = asyncio.create_task(somebody_else())
    await propose({"clinic": True})
    other.cancel()
    assert len(seen) == len(set(seen)) == 3
