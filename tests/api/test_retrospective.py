"""An injection that is entered afterwards: what would have been refused needs the director's
override, and becomes an incident that the director closes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlmodel import select

from models import Event
from tests.api.test_recheck import FIRST, REASON, answers, pdrn_plan, record, review
from tests.clinic import START
from tests.factories_sessions import (
    book,
    check_in,
    make_active_plan,
    make_lot,
    move_on,
    performance,
)

LATE = "The network was down during the visit."


@dataclass
class Entered:
    """The plan, its first session's path, and how to enter what was injected then."""

    plan: dict[str, Any]
    path: str
    enter: Callable[..., Awaitable[httpx.Response]]

    async def __call__(self, role: str, query: str = "", **over: Any) -> httpx.Response:
        return await self.enter(role, query, **over)


@pytest.fixture
async def entered(as_role, clinic, clock):
    """A plan of PDRN for a patient with a fish allergy, and how its first session is entered
    a day after it was given."""
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    lot = await make_lot(as_role("nurse"), "PDRN")
    clock.set(START.replace(day=11))
    body = performance(
        FIRST,
        retrospective_reason=LATE,
        administered_by=str(clinic.staff["practitioner"]),
        lots=[{"lot_id": lot["id"], "volume_ml": "2"}],
    )
    path = f"/v1/sessions/{plan['sessions'][0]['id']}"

    async def enter(role, query="", **over):
        return await move_on(as_role(role), path, "administration", body | over, query)

    return Entered(plan, path, enter)


async def fed(app, kind):
    async with app.state.database.reading() as db:
        return list((await db.exec(select(Event).where(Event.type == kind))).all())


async def test_what_would_be_refused_needs_an_override(app, as_role, entered):
    refused = await entered("practitioner")
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["outcome"] == "needs_override"
    severities = {each["severity"] for each in problem["findings"]}
    assert "block" not in severities
    allergy = next(f for f in problem["findings"] if f["code"] == "CONTRA-ALLERGY-CLASS")
    assert (allergy["override_role"], allergy["second_person"]) == ("medical_director", True)
    assert allergy["message"].endswith("Entered after the fact; it would have been refused.")
    assert await review(as_role, "?kind=incident") == []
    assert await fed(app, "incident.opened") == []


async def test_who_injected_does_not_answer_for_it(as_role, entered):
    problem = (await entered("practitioner")).json()
    again = await entered("practitioner", **answers(problem))
    assert again.status_code == 409
    rejected = {(each["code"], each["reason"]) for each in again.json()["rejected_overrides"]}
    assert ("CONTRA-ALLERGY-CLASS", "role") in rejected


async def test_the_director_enters_it_and_it_is_an_incident(app, as_role, clinic, entered):
    problem = (await entered("practitioner")).json()
    done = await entered("medical_director", **answers(problem))
    assert done.status_code == 201, done.text
    kept = next(f for f in done.json()["findings"] if f["code"] == "CONTRA-ALLERGY-CLASS")
    assert kept["resolved_by"] == "override"
    assert (await as_role("nurse").get(entered.path)).json()["state"] == "completed"
    [incident] = await review(as_role, "?kind=incident")
    assert (incident["cause"], incident["severity"]) == ("retrospective_entry", "block")
    assert incident["title"] == "This was injected although the rules would have refused it."
    blocked = next(f for f in incident["findings"] if f["code"] == "CONTRA-ALLERGY-CLASS")
    assert (blocked["severity"], blocked["override_role"]) == ("block", None)
    assert "FISH" in blocked["message"]
    assert incident["session"]["id"] == entered.plan["sessions"][0]["id"]
    assert incident["decision_id"] == done.json()["decision_id"]
    by = clinic.staff["practitioner"]
    assert len(await review(as_role, f"?kind=incident&practitioner_id={by}")) == 1
    [event] = await fed(app, "incident.opened")
    assert str(event.resource_id) == incident["id"]
    assert str(event.patient_id) == entered.plan["patient_id"]


async def test_the_session_leaves_the_list_as_performed(as_role, entered):
    problem = (await entered("practitioner")).json()
    await entered("medical_director", **answers(problem))
    [closed] = await review(as_role, "?open=false")
    assert (closed["kind"], closed["closed_because"]) == ("session", "performed")


async def test_the_director_closes_an_incident(as_role, clinic, entered):
    problem = (await entered("practitioner")).json()
    await entered("medical_director", **answers(problem))
    [incident] = await review(as_role, "?kind=incident")
    path, body = f"/v1/worklists/review/{incident['id']}", {"reason": REASON}
    refused = await move_on(as_role("practitioner"), path, "dismiss", body)
    assert refused.status_code == 403
    done = await move_on(as_role("medical_director"), path, "dismiss", body)
    assert done.status_code == 200, done.text
    assert done.json()["closed_by"] == str(clinic.staff["medical_director"])
    assert await review(as_role, "?kind=incident") == []


async def test_a_dry_run_opens_no_incident(app, as_role, entered):
    problem = (await entered("practitioner")).json()
    asked = await entered("medical_director", "?dry_run=true", **answers(problem))
    assert (asked.status_code, asked.json()["outcome"]) == (200, "allowed")
    assert await review(as_role, "?kind=incident") == []
    assert (await as_role("nurse").get(entered.path)).json()["state"] == "scheduled"


async def test_what_is_within_the_rules_is_no_incident(app, as_role, clinic, clock):
    """Checked in, injected, and only entered on the next day."""
    plan = await make_active_plan(as_role, clinic)
    session = await book(as_role("nurse"), plan, clinic, "2026-03-02T09:00:00Z")
    clock.advance(minutes=55)
    await check_in(as_role("nurse"), session)
    clock.advance(days=1)
    lot = await make_lot(as_role("nurse"))
    body = performance(
        "2026-03-02T09:20:00Z",
        retrospective_reason=LATE,
        lots=[{"lot_id": lot["id"], "volume_ml": "1"}],
    )
    path = f"/v1/sessions/{session['id']}"
    done = await move_on(as_role("practitioner"), path, "administration", body)
    assert done.status_code == 201, done.text
    assert await review(as_role, "?kind=incident") == []
    assert await fed(app, "incident.opened") == []
