"""A booking and what would refuse it, at the same moment: refused or on the list, never neither."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from api import audit
from api.decisions.recheck import recheck
from api.security import system_caller
from models import Clinic, SessionState, TreatmentSession
from tests.factories import made
from tests.factories_rule_sets import draft, figure, fresh_publish
from tests.factories_sessions import (
    booking,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    move_on,
)

WEEKLY = ("2026-03-10", "2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07")
STARTS = "2026-03-10T09:00:00Z"
TIGHTER = {"ingredients": {"BIOTIN": {"max_session": figure("1", "mg")}}}


async def made_world(as_role, clinic, patients=1):
    """Plans of biotin and dexpanthenol, the only lot of biotin, and a draft with a limit that the
    formula exceeds from the day of the first booking on."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    plans = []
    for number in range(patients):
        patient = await make_treatable_patient(practitioner, family_name=f"Race {number}")
        plans.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    lot = await make_lot(as_role("nurse"))
    await draft(as_role("medical_director"), valid_from="2026-03-10", changes=TIGHTER)
    return {"formula": formula, "plan": plans[0], "plans": plans, "lot": lot}


@pytest.fixture
async def world(as_role, clinic):
    return await made_world(as_role, clinic)


async def hold_formula(as_role, world):
    body = {
        "scope": "formula", "formula_id": world["formula"]["id"], "reason_code": "other",
        "reason": "Three patients complained within a day.",
    }  # fmt: skip
    return await as_role("medical_director").post("/v1/holds", json=body)


async def hold_ingredient(as_role, world):
    body = {
        "scope": "ingredient", "ingredient_code": "BIOTIN", "reason_code": "other",
        "reason": "The supplier has called about it.",
    }  # fmt: skip
    return await as_role("medical_director").post("/v1/holds", json=body)


async def publish(as_role, world):
    return await fresh_publish(as_role("second:medical_director"), 2)


async def quarantine(as_role, world):
    path = f"/v1/lots/{world['lot']['id']}"
    return await move_on(as_role("nurse"), path, "quarantine", {"reason": "Cloudy."})


async def allergy(as_role, world):
    path = f"/v1/patients/{world['plan']['patient_id']}/allergies"
    return await as_role("nurse").post(path, json={"ingredient_code": "BIOTIN"})


CHANGES = [hold_formula, hold_ingredient, publish, quarantine, allergy]


_STOPPED = {"session.booked", "worklist_item.dismissed"}


@pytest.fixture
def about_to_commit(monkeypatch):
    """Stops a booking or a dismissal once all is judged and written, just before its commit."""
    stopped, go_on = asyncio.Event(), asyncio.Event()
    seal = audit._Seal.__call__

    async def wait(self, db):
        if _STOPPED & {each.action for each, _ in db.info["happenings"]}:
            stopped.set()
            await go_on.wait()
        await seal(self, db)

    monkeypatch.setattr(audit._Seal, "__call__", wait)
    return stopped, go_on


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
async def test_a_booking_that_has_not_committed_is_not_overlooked(
    app, as_role, clinic, world, about_to_commit, change, run_operations
):
    stopped, go_on = about_to_commit
    desk = as_role("receptionist")
    booked = asyncio.create_task(
        desk.post("/v1/sessions", json=booking(world["plan"], clinic, STARTS))
    )
    await asyncio.wait_for(stopped.wait(), 10)

    async def changed():
        answer = await change(as_role, world)
        await run_operations()
        return answer

    changing = asyncio.create_task(changed())
    await asyncio.wait({changing}, timeout=0.5)
    go_on.set()
    session, answer = await booked, await changing
    assert session.status_code == 201, session.text
    assert answer.status_code in {200, 201}, answer.text
    listed = (await desk.get("/v1/worklists/review")).json()["items"]
    assert [each["session"]["id"] for each in listed] == [session.json()["id"]]


async def test_what_is_found_while_somebody_dismisses_is_listed(
    as_role, clinic, world, about_to_commit
):
    """A person has looked at one allergy; the other one they have not seen."""
    stopped, go_on = about_to_commit
    go_on.set()
    desk, practitioner = as_role("receptionist"), as_role("practitioner")
    await desk.post("/v1/sessions", json=booking(world["plan"], clinic, STARTS))
    await allergy(as_role, world)
    [item] = (await practitioner.get("/v1/worklists/review")).json()["items"]
    stopped.clear()
    go_on.clear()
    path, body = f"/v1/worklists/review/{item['id']}", {"reason": "It was a rash from shampoo."}
    dismissed = asyncio.create_task(move_on(practitioner, path, "dismiss", body))
    await asyncio.wait_for(stopped.wait(), 10)
    path = f"/v1/patients/{world['plan']['patient_id']}/allergies"
    told = asyncio.create_task(
        as_role("nurse").post(path, json={"ingredient_code": "DEXPANTHENOL"})
    )
    await asyncio.wait({told}, timeout=0.5)
    go_on.set()
    assert ((await dismissed).status_code, (await told).status_code) == (200, 201)
    [open_item] = (await practitioner.get("/v1/worklists/review")).json()["items"]
    words = [each["message"] for each in open_item["findings"]]
    assert any("Dexpanthenol" in each or "DEXPANTHENOL" in each for each in words), words
    [closed] = (await practitioner.get("/v1/worklists/review?open=false")).json()["items"]
    assert (closed["id"], closed["closed_because"]) == (item["id"], "dismissed")
    assert closed["findings"] == item["findings"]


class Undone(Exception):
    """Rolls back what was only looked at."""


async def what_stands_in_the_way(app, clinic, clock):
    """Codes of the findings of every booked session, judged one after the other, undisturbed."""
    found = {}
    try:
        async with app.state.database.writing() as db:
            caller = system_caller(await db.get_one(Clinic, clinic.id), clock())
            booked = select(TreatmentSession).where(
                TreatmentSession.clinic_id == clinic.id,
                col(TreatmentSession.state).in_((SessionState.SCHEDULED, SessionState.CONFIRMED)),
            )
            for looked in await recheck(db, caller, (await db.exec(booked)).all(), "booking"):
                if looked.findings:
                    found[str(looked.session.id)] = {each.code for each in looked.findings}
            raise Undone
    except Undone:
        return found


async def what_is_listed(client):
    items = (await client.get("/v1/worklists/review?limit=200")).json()["items"]
    return {each["session"]["id"]: {f["code"] for f in each["findings"]} for each in items}


async def deadlocks(app):
    """How often PostgreSQL had to end one; SQLite has none."""
    async with app.state.database.reading() as db:
        if db.get_bind().dialect.name != "postgresql":
            return 0
        counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return (await db.execute(text(counted))).scalar_one()


async def until_nothing_is_asked_for(client):
    for _ in range(120):
        asked = (await client.get("/v1/operations?limit=200")).json()["items"]
        if all(each["finished_at"] for each in asked):
            return asked
        await asyncio.sleep(0.25)
    raise AssertionError(asked)


class Crowd:
    """Who books, moves, cancels and changes what bookings rest on, and what they were answered."""

    def __init__(self, over_http, clinic, world):
        self.as_role, self.clinic, self.world = over_http, clinic, world
        self.seen: Counter[int] = Counter()

    async def send(self, ask, *words, **more):
        """Whoever is told that the database is busy asks again, as the answer says."""
        for _ in range(10):
            answer = await ask(*words, **more)
            self.seen[answer.status_code] += 1
            if answer.status_code != 503:
                break
        assert answer.status_code in {200, 201, 409, 412}, answer.text
        return answer

    def body(self, number, day):
        """A booking of this plan on that day; every plan has its half hour."""
        people = ("practitioner", "second:practitioner")
        starts_at = f"{day}T{9 + number // 2:02}:{30 * (number % 2):02}:00Z"
        return booking(
            self.world["plans"][number], self.clinic, starts_at, room_id=None,
            practitioner_id=str(self.clinic.staff[people[number % 2]]),
        )  # fmt: skip

    async def desk(self, number):
        """Books this plan's weekly sessions, lengthens some and cancels some."""
        chance, desk = random.Random(number), self.as_role("receptionist")  # noqa: S311
        for day in WEEKLY:
            body = self.body(number, day)
            answer = await self.send(desk.post, "/v1/sessions", json=body)
            if answer.status_code == 409:  # while there is a hold for everybody
                await asyncio.sleep(0.3)
                answer = await self.send(desk.post, "/v1/sessions", json=body)
            if answer.status_code != 201 or chance.random() < 0.6:
                continue
            session = answer.json()
            path, tag = f"/v1/sessions/{session['id']}", {"If-Match": f'"{session["version"]}"'}
            if chance.random() < 0.3:
                body = {"reason": "Travels."}
                await self.send(desk.post, f"{path}/cancel", json=body, headers=tag)
            else:
                body = {"duration_minutes": 25}
                await self.send(desk.patch, path, json=body, headers=tag)

    async def holds(self, subject):
        """Holds the formula or the ingredient for everybody and lets it go, twice."""
        director = self.as_role("medical_director")
        for _ in range(2):
            await asyncio.sleep(0.5)
            hold = (await self.send(director.post, "/v1/holds", json=subject)).json()
            body = {"reason": "It was another lot that they meant."}
            path = f"/v1/holds/{hold['id']}"
            await self.send(move_on, director, path, "release", body)
        await self.send(director.post, "/v1/holds", json=subject)

    async def cupboard(self):
        for move in ("quarantine", "release", "quarantine"):
            path = f"/v1/lots/{self.world['lot']['id']}"
            body = {"reason": "The solution looked cloudy."}
            await self.send(move_on, self.as_role("medical_director"), path, move, body)

    async def allergies(self):
        """Somebody turns out to be allergic, and another one after all not."""
        nurse = self.as_role("nurse")
        for plan in self.world["plans"][:4]:
            path = f"/v1/patients/{plan['patient_id']}/allergies"
            answer = await self.send(nurse.post, path, json={"ingredient_code": "BIOTIN"})
            if plan in self.world["plans"][:2]:
                wrong = f"{path}/{answer.json()['id']}"
                body = {"reason": "Another patient."}
                await self.send(move_on, nurse, wrong, "entered-in-error", body)

    async def director(self):
        await asyncio.sleep(0.3)
        await self.send(fresh_publish, self.as_role("second:medical_director"), 2)


@pytest.mark.slow
async def test_a_crowd_overlooks_nothing(app, over_http, clinic, clock):
    """Bookings, holds, lots, allergies and a publication at once, in several processes: nobody
    waits for somebody who waits for them, and the list says what an undisturbed look says."""
    world = await made_world(over_http, clinic, 8)
    crowd = Crowd(over_http, clinic, world)
    for number in range(8):
        first = crowd.body(number, "2026-03-03")  # before anybody else comes
        await made(over_http("receptionist"), "/v1/sessions", first)
    reason = {"reason_code": "other", "reason": "Three patients complained within a day."}
    await asyncio.gather(
        *(crowd.desk(number) for number in range(8)),
        crowd.holds(reason | {"scope": "formula", "formula_id": world["formula"]["id"]}),
        crowd.holds(reason | {"scope": "ingredient", "ingredient_code": "DEXPANTHENOL"}),
        crowd.cupboard(),
        crowd.allergies(),
        crowd.director(),
    )
    operations = await until_nothing_is_asked_for(over_http("medical_director"))
    assert {each["status"] for each in operations} == {"succeeded"}
    assert await deadlocks(app) == 0
    truth = await what_stands_in_the_way(app, clinic, clock)
    assert len(truth) > 8, "nobody booked beside the holds: the test shows nothing"
    assert await what_is_listed(over_http("practitioner")) == truth
