"""What the rules would say about many plans' sessions, loaded at once: as for each alone."""

from datetime import timedelta
from uuid import UUID

import pytest

from api.decisions.days_ahead import days_ahead, days_ahead_of_many
from api.security import system_caller
from models import Clinic, TreatmentPlan
from tests.factories_sessions import book, make_active_plan, make_treatable_patient
from tests.queries import counted_queries

LAST = timedelta(days=120)


@pytest.fixture
async def plans(as_role, clinic):
    """Three patients who differ: in bookings, and in what is recorded of them."""
    practitioner, desk = as_role("practitioner"), as_role("receptionist")
    made = []
    for name in ("Ada", "Luc", "Zoe"):
        patient = await make_treatable_patient(practitioner, given_name=name, family_name=name)
        made.append(await make_active_plan(as_role, clinic, patient=patient))
    await book(desk, made[0], clinic, "2026-03-10T09:00:00Z")
    await book(desk, made[0], clinic, "2026-03-17T09:00:00Z")
    await book(desk, made[1], clinic, "2026-03-11T09:00:00Z")
    for kind, entry in (
        ("therapies", {"code": "PRP", "started_on": "2026-02-27"}),
        (
            "measurements",
            {"kind": "weight", "value": "61.5", "measured_at": "2026-02-20T09:00:00Z"},
        ),
    ):
        path = f"/v1/patients/{made[2]['patient_id']}/{kind}"
        answer = await practitioner.post(path, json=entry)
        assert answer.status_code == 201, answer.text
    return [UUID(each["id"]) for each in made]


@pytest.fixture
async def loaded(app, clinic):
    """Load judges for these plans, all at once or one by one, and count the queries."""

    async def load(plan_ids, together):
        async with app.state.database.reading() as db:
            caller = system_caller(await db.get_one(Clinic, clinic.id), app.state.database.clock())
            rows = [await db.get_one(TreatmentPlan, (clinic.id, each)) for each in plan_ids]
            days = caller.today, caller.today + LAST
            with counted_queries(app) as sent:
                if together:
                    judges = await days_ahead_of_many(db, caller, rows, *days)
                else:
                    judges = [await days_ahead(db, caller, row, *days) for row in rows]
        return judges, len(sent), caller

    return load


async def test_many_are_told_what_each_is_told_alone(loaded, plans):
    together, _, caller = await loaded(plans, True)
    alone, _, _ = await loaded(plans, False)
    said: set[tuple[int, str]] = set()
    for one, other in zip(together, alone, strict=True):
        assert one.starts == other.starts
        for day in range(1, LAST.days, 3):
            start = caller.now + timedelta(days=day)
            judged = one.at(start)
            assert judged == other.at(start)
            said.update((judged.number, each.code) for each in judged.findings)
    assert len(said) > 3  # spacing, what was done elsewhere: the plans are not told the same


async def test_queries_do_not_grow_with_plans(loaded, plans):
    _, one, _ = await loaded(plans[:1], True)
    _, three, _ = await loaded(plans, True)
    assert three == one <= 22
