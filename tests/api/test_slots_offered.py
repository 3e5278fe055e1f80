"""What is offered can be booked at once, and what is free is offered: drawn clinics, over HTTP."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from anyio import from_thread, to_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from models import (
    BookingSettings,
    Clinic,
    Closure,
    OpeningHours,
    SlotReservation,
    TimeOff,
    TreatmentSession,
    WorkingHours,
)
from tests.availability.oracle import Oracle
from tests.availability.worlds import DAY, MINUTE, TakenUp, midnight, questions, worlds
from tests.clinic import START
from tests.factories_sessions import booking, make_active_plan, make_treatable_patient
from tests.stored_rows import write

ROLES = ("medical_director", "practitioner")  # in the order of their names
FEW = 6  # of what was offered, and of what was not, is tried


class Desk:
    """A front desk of the clinic that is put back before each example."""

    def __init__(self, as_role, app, clinic, plans):
        self.client, self.app, self.clinic = as_role("receptionist"), app, clinic
        self.plan, self.other, self.new = plans
        self.people = tuple(clinic.staff[role] for role in ROLES)

    async def open(self, world):
        """Store the world's rows, as far as the database lets them be taken; the world as stored.

        Reservations keep the patient's time; Ada's sessions the other's.
        """
        write_rows = self._writing()
        taken: list[TakenUp] = []
        async with self.app.state.database.writing() as db:
            await db.execute(
                update(Clinic).where(Clinic.id == self.clinic.id).values(time_zone=world.zone.key)
            )
        written = world.written
        weekly = [each._asdict() for each in written.opening]
        await write_rows(OpeningHours, *weekly)
        at_work = [
            {"staff_member_id": each.staff_member_id, "room_id": each.room_id}
            | each.hours._asdict()
            for each in written.working
        ]
        await write_rows(WorkingHours, *at_work)
        await write_rows(Closure, *(each._asdict() for each in written.closures))
        await write_rows(TimeOff, *(each._asdict() for each in written.away))
        columns = {"id", "clinic_id", "version", "created_at", "updated_at"}
        await write_rows(BookingSettings, world.settings.model_dump(exclude=columns))
        for each in world.taken:
            if not any(_collide(each, other) for other in taken):
                taken.append(each)
        for number, each in enumerate(taken, 2):
            if each.patient_id is None:
                await self._session(world, self.other, number, **each._asdict())
            else:
                await write_rows(SlotReservation, each._asdict() | self._stamps())
        before = world.at(10 * 60) - 7 * DAY
        await self._session(
            world, self.plan, 1, practitioner_id=self.people[0], room_id=None,
            starts_at=before, ends_at=before + 30 * MINUTE,
        )  # fmt: skip
        return replace(world, taken=tuple(taken))

    def _writing(self):
        async def rows(kind, *values):
            await write(self.app, self.clinic, kind, *values)

        return rows

    def _stamps(self):
        return {
            "expires_at": START + timedelta(hours=9),
            "recorded_by": self.people[0],
            "recorded_at": START,
        }

    async def _session(self, world, plan, number, **columns):
        stamps = {"recorded_by": self.people[0], "recorded_at": START}
        on = columns["starts_at"].astimezone(world.zone).date()
        values = columns | stamps | {
            "plan_id": UUID(plan["id"]), "patient_id": UUID(plan["patient_id"]),
            "session_number": number, "phase": "A", "scheduled_on": on,
            "time_zone": world.zone.key,
        }  # fmt: skip
        await write(self.app, self.clinic, TreatmentSession, values)

    async def ask(self, world, asked, plan):
        """Every slot, page by page."""
        end = midnight(world.first + asked.days * DAY, world.zone)
        query = {
            "from": world.at(0).isoformat(), "to": end.isoformat(), "limit": 20 * asked.limit,
            "practitioner_id": [str(each) for each in self.people],
            "weekday": sorted(asked.weekdays), "time_zone": asked.zone.key,
            "plan_id": plan["id"] if plan else None, "duration_minutes": asked.wanted,
        }  # fmt: skip
        query = {name: value for name, value in query.items() if value is not None}
        found: list[dict[str, Any]] = []
        while True:
            answer = await self.client.get("/v1/slots", params=query)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            query["cursor"] = answer.json()["next_cursor"]
            if query["cursor"] is None:
                return found

    async def book(self, slot, plan, query="?dry_run=true"):
        body = booking(
            plan, self.clinic, slot["starts_at"], duration_minutes=slot["duration_minutes"],
            practitioner_id=slot["practitioner_id"], room_id=slot["room_id"],
        )  # fmt: skip
        return await self.client.post(f"/v1/sessions{query}", json=body)


def _collide(one, other):
    """Whether the database refuses the second: Ada, or the patient, is in one place as well."""
    same = one.patient_id == other.patient_id or one.practitioner_id == other.practitioner_id
    same |= one.room_id is not None and one.room_id == other.room_id
    return same and one.occupied_from < other.occupied_until and (
        other.occupied_from < one.occupied_until
    )  # fmt: skip


def free_by_minutes(world, asked, kind, mine):
    """Start, person, room and length of every session that the calendars allow."""
    named = [getattr(world.settings, f"{kind}_{each}_minutes") for each in ("before", "after")]
    length = asked.wanted or getattr(world.settings, f"{kind}_minutes")
    oracle = Oracle(world, asked.days, START)
    for minute, _ in oracle.starts():
        for person in world.people:
            free, room = oracle.room(minute, person, length, tuple(named), mine)
            if free:
                start = world.at(minute).isoformat().replace("+00:00", "Z")
                yield {
                    "starts_at": start, "practitioner_id": str(person), "room_id": str(room),
                    "duration_minutes": length,
                }  # fmt: skip


def in_short(slot):
    names = ("starts_at", "practitioner_id", "room_id", "duration_minutes")
    return tuple(slot[name] for name in names)


async def test_what_is_offered_is_never_refused(as_role, clinic, app):
    plan = await make_active_plan(as_role, clinic)
    formula = {"id": plan["formula_id"]}
    others = []
    for name in ("Ada", "Eve"):
        patient = await make_treatable_patient(as_role("practitioner"), given_name=name)
        others.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    desk, database = Desk(as_role, app, clinic, (plan, *others)), app.state.database
    state = database.state if database.state is not None else await database.keep(0)
    tried = []

    async def check(world, asked, whose, chance):
        database.go_to(state)
        world = await desk.open(world)
        offered = await desk.ask(world, asked, plan if whose else None)
        kind = "follow_up" if whose else "first"
        free = {in_short(each) for each in free_by_minutes(world, asked, kind, mine=whose)}
        places = [in_short(each) for each in offered]
        assert len(places) == len(set(places))
        booked = plan if whose else desk.new
        if whose:
            assert set(places) <= free
            refused = list(free - set(places))
            for place in chance.sample(sorted(refused), min(FEW, len(refused))):
                names = ("starts_at", "practitioner_id", "room_id", "duration_minutes")
                answer = await desk.book(dict(zip(names, place, strict=True)), booked)
                assert answer.json()["outcome"] != "allowed", answer.text
        else:
            assert set(places) == free
        for slot in chance.sample(offered, min(FEW, len(offered))):
            answer = await desk.book(slot, booked)
            assert (answer.status_code, answer.json()["outcome"]) == (200, "allowed"), answer.text
        if offered:
            done = await desk.book(chance.choice(offered), booked, "")
            assert done.status_code == 201, done.text
        tried.append((whose, len(offered)))

    @given(st.data())
    @settings(max_examples=20, deadline=None, derandomize=True)
    def drawn(data):
        patient_id = UUID(plan["patient_id"])
        world = data.draw(worlds(desk.people, clinic.room_ids, patient_id))
        asked, whose = data.draw(questions(world)), data.draw(st.sampled_from((True, True, False)))
        chance = data.draw(st.randoms(use_true_random=False))
        from_thread.run(check, world, asked, whose, chance)

    await to_thread.run_sync(drawn)
    assert {whose for whose, count in tried if count} == {True, False}
