"""One change that concerns many patients, or none; and what judging again costs."""

from uuid import UUID

import pytest

from api import audit
from api.decisions import changes
from api.main import HANDLERS
from api.operations.runner import Runner
from api.security import system_caller
from models import Clinic, Hold, HoldScope
from tests.api.test_recheck import booked, record, review
from tests.factories_sessions import (
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries
from tests.remembering import remembered

HOURS = ("09:00", "10:00", "11:00")


@pytest.fixture
async def formula(as_role):
    return await make_approved_formula(as_role("practitioner"), as_role("medical_director"))


@pytest.fixture
@remembered
async def plans(as_role, clinic, formula):
    """Three patients with the same formula, each with a session on 10 March."""
    made = []
    for hour in HOURS:
        patient = await make_treatable_patient(as_role("practitioner"))
        plan = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
        made.append(await booked(as_role, clinic, plan, f"2026-03-10T{hour}:00Z"))
    return made


async def hold_formula(app, clinic, formula, clock, **over):
    """A hold on the formula for everybody, as the escalation of a signal opens it."""
    async with app.state.database.writing() as db:
        caller = system_caller(await db.get_one(Clinic, clinic.id), clock())
        hold = Hold(
            clinic_id=clinic.id, scope=HoldScope.FORMULA, formula_id=UUID(formula["id"]),
            reason_code="signal", release_role="medical_director", opened_at=clock(),
            opened_by_rule="AE-HOLD-GRADE", **over,
        )  # fmt: skip
        db.add(hold)
        audit.record(db, caller, "hold.opened", hold)


async def test_a_hold_on_a_formula_lists_everybody_who_is_to_get_it(
    app, as_role, clinic, formula, plans, clock
):
    assert await review(as_role) == []
    await hold_formula(app, clinic, formula, clock)
    items = await review(as_role)
    assert [each["patient"]["id"] for each in items] == [plan["patient_id"] for plan in plans]
    assert {(each["cause"], each["severity"]) for each in items} == {("hold", "block")}
    finding = items[0]["findings"][0]
    assert (finding["code"], finding["message"]) == (
        "HOLD",
        "There is a hold in force on this formula (signal).",
    )


async def test_a_hold_on_a_plan_and_its_release(as_role, clinic, plans):
    path, director = f"/v1/plans/{plans[0]['id']}", as_role("medical_director")
    await moved(director, path, "hold", {"reason": "Ferritin result is awaited."})
    [item] = await review(as_role)
    assert [each["code"] for each in item["findings"]] == ["HOLD"]
    await moved(director, path, "release", {"reason": "The result is normal."})
    assert await review(as_role) == []
    [closed] = await review(as_role, "?open=false")
    assert closed["closed_because"] == "clean"


async def test_what_is_too_much_at_once_is_judged_by_an_operation(
    app, as_role, clinic, formula, plans, clock, monkeypatch
):
    monkeypatch.setattr(changes, "AT_ONCE", 1)
    await hold_formula(app, clinic, formula, clock)
    assert len(await review(as_role)) == 1
    assert await Runner(app.state.database, HANDLERS).run_waiting() == 1
    items = await review(as_role)
    assert len(items) == 3
    assert {each["cause"] for each in items} == {"hold"}
    done = (await as_role("nurse").get("/v1/operations")).json()["items"]
    [operation] = [each for each in done if each["kind"] == "sessions_recheck"]
    assert operation["status"] == "succeeded"
    assert operation["result"] == {"sessions": 2, "with_findings": 2}


async def test_a_change_of_another_patient_concerns_nobody_else(as_role, plans):
    path = {"patient_id": plans[0]["patient_id"]}
    body = {"stated_on": "2026-03-02", "pregnancy_status": "pregnant"}
    await record(as_role, path, "pregnancy-statements", body)
    [item] = await review(as_role)
    assert item["patient"]["id"] == plans[0]["patient_id"]


async def test_what_it_costs_grows_little_with_each_session(app, as_role, clinic, plans):
    """A few queries for each further session: what is the same for all is asked once."""
    body = {"code": "OTHER", "notes": "Hay fever."}
    plan = plans[0]
    with counted_queries(app) as one:
        await record(as_role, plan, "conditions", body)
    days = ("2026-03-17", "2026-03-24", "2026-03-31")
    await booked(as_role, clinic, plan, *(f"{day}T09:00:00Z" for day in days))
    with counted_queries(app) as four:
        await record(as_role, plan, "conditions", body)
    assert len(four) - len(one) <= 3 * 8
