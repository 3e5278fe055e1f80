"""Many who book beside many who change what bookings rest on: the list says it all afterwards."""

import asyncio
import random
from collections import Counter

import pytest
from sqlmodel import col, select

from api.decisions.recheck import recheck
from api.security import system_caller
from models import Clinic, SessionState, TreatmentSession
from tests.factories import made
from tests.factories_rule_sets import fresh_publish
from tests.factories_sessions import booking, move_on
from tests.races.standing import deadlocks, until_nothing_is_asked_for
from tests.races.test_overlooked import made_world

WEEKLY = ("2026-03-10", "2026-03-17", "2026-03-24", "2026-03-31", "2026-04-07")


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
