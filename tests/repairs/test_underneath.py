"""What changed underneath a proposal, and sessions that it does not touch."""

from uuid import UUID

import pytest
from sqlalchemy import update

from models import Patient, PlanState, TreatmentPlan
from tests.clinic import START
from tests.factories_sessions import book, make_active_plan, make_treatable_patient
from tests.queries import counted_queries
from tests.repairs.conftest import apply


@pytest.fixture
async def plans(as_role, clinic):
    practitioner = as_role("practitioner")
    patients = [
        await make_treatable_patient(practitioner, given_name=name, family_name=f"Of {name}")
        for name in ("Ada", "Luc", "Zoe", "Ivo")
    ]
    return [await make_active_plan(as_role, clinic, patient=each) for each in patients]


@pytest.fixture
def bring_about(app, clinic):
    """Write what the services would not let happen while sessions are booked."""

    async def written(kind, row_id, **values):
        async with app.state.database.writing() as db:
            mine = (kind.clinic_id == clinic.id, kind.id == UUID(row_id))
            await db.execute(update(kind).where(*mine).values(**values))

    return written


async def test_who_is_not_moved_any_more_is_left_out(as_role, clinic, plans, propose, bring_about):
    desk = as_role("receptionist")
    for hour, plan in enumerate(plans[:3], 9):
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
    stopped = {"state": PlanState.STOPPED, "stopped_at": START}
    await bring_about(TreatmentPlan, plans[0]["id"], **stopped)
    await bring_about(Patient, plans[1]["patient_id"], archived_at=START)
    proposal = await propose({"practitioner_id": str(clinic.staff["practitioner"])})
    told = proposal.json()
    assert [each["code"] for each in told["moves"]] == ["plan_state", "record_closed", "reassigned"]
    assert [each["why"] for each in told["moves"][:2]] == [
        "The plan is stopped.",
        "The patient's record is closed.",
    ]
    assert [each["proposed"] for each in told["moves"][:2]] == [None, None]
    assert (told["affected"], told["placed"]) == (3, 1)
    applied = await apply(desk, proposal)
    assert applied.status_code == 200, applied.text
    for move in told["moves"]:
        session = (await desk.get(f"/v1/sessions/{move['session_id']}")).json()
        assert session["version"] == (2 if move["proposed"] else 1)


async def test_a_calendar_closed_meanwhile_refuses_all(as_role, clinic, plans, propose):
    desk, owner = as_role("receptionist"), as_role("owner")
    sessions = [
        await book(desk, plan, clinic, f"2026-03-10T{hour:02}:00:00Z")
        for hour, plan in enumerate(plans[:2], 9)
    ]
    proposal = await propose({"clinic": True}, to="2026-03-14T00:00:00+01:00")
    move = proposal.json()["moves"][0]
    day = move["proposed"]["starts_at"][:10]
    closure = {"starts_on": day, "ends_on": day, "name": "Water damage"}
    assert (await owner.post("/v1/clinic/closures", json=closure)).status_code == 201
    refused = await apply(desk, proposal)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/repair-outdated")
    (changed,) = refused.json()["changed"]
    assert (changed["session_id"], changed["code"]) == (move["session_id"], "outside-calendars")
    assert [each["calendar"] for each in changed["refused_by"]] == ["closure"]
    for session in sessions:
        now = (await desk.get(f"/v1/sessions/{session['id']}")).json()
        assert (now["version"], now["starts_at"]) == (session["version"], session["starts_at"])


async def test_a_place_that_is_too_near_by_now_refuses(as_role, clinic, plans, propose, clock):
    desk = as_role("receptionist")
    session = await book(desk, plans[0], clinic, "2026-03-10T09:00:00Z")
    proposal = await propose({"clinic": True})
    (move,) = proposal.json()["moves"]
    assert move["proposed"]["starts_at"] < "2026-03-09"
    clock.advance(hours=24 * 6 + 12)  # the ill week has not begun, and that place is over
    refused = await apply(desk, proposal)
    assert refused.status_code == 409
    assert refused.json()["changed"] == [
        {
            "session_id": session["id"],
            "code": "session_changed",
            "message": "Its new time is too near by now.",
        }
    ]


async def test_applying_asks_little_more_for_each_session(app, as_role, clinic, plans, propose):
    desk, ill = as_role("receptionist"), {"practitioner_id": str(clinic.staff["practitioner"])}
    counts = []
    for day, booked in (("2026-03-10", plans[:1]), ("2026-03-12", plans[1:])):
        for hour, plan in enumerate(booked, 9):
            await book(desk, plan, clinic, f"{day}T{hour:02}:00:00Z")
        proposal = await propose(ill, to=f"{day}T20:00:00+01:00")
        with counted_queries(app) as sent:
            applied = await apply(desk, proposal)
        assert (applied.status_code, applied.json()["placed"]) == (200, len(booked))
        counts.append(len(sent))
    one, three = counts
    assert three - one <= 2 * 10
