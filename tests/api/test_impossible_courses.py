"""A course that cannot be booked whole says so without asking the rules the same thing again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from api.decisions.days_ahead import DaysAhead, days_ahead
from api.scheduling.verdicts import Verdicts
from api.security import system_caller
from models import Clinic, Closure, TreatmentPlan
from tests.factories_sessions import component, make_active_plan, make_approved_formula
from tests.stored_rows import write

ASKED_MOST = 3_500
WINDOW = 28  # days in which 40 mg of minoxidil may be given, 10 mg a session


@dataclass(frozen=True)
class Placed:
    starts_at: datetime


@pytest.fixture
def asked(monkeypatch):
    """The questions that reach the rules, one entry each."""
    starts = []
    honest = DaysAhead.at

    def at(self, start, also=()):
        starts.append(start)
        return honest(self, start, also)

    monkeypatch.setattr(DaysAhead, "at", at)
    return starts


async def test_two_months_closed_late_in_the_course(as_role, clinic, app, asked):
    plan = await make_active_plan(as_role, clinic)
    closed = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 15), "name": "Works"}
    await write(app, clinic, Closure, closed)
    asked.clear()
    answer = await as_role("receptionist").post(
        f"/v1/plans/{plan['id']}/course", json={"acknowledged": ["PLAN-REASSESS-DUE"]}
    )
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert (problem["session_number"], problem["placed_before"]) == (10, 9)
    assert problem["days_full"] > 0
    assert len(asked) <= ASKED_MOST  # 25 520 where each dead end asked for itself


async def test_what_is_remembered_is_what_the_rules_say(as_role, clinic, app, asked):
    """Over courses that differ where the rules still look, and where they do no longer."""
    minoxidil = await make_approved_formula(
        as_role("practitioner"),
        as_role("medical_director"),
        component("MINOXIDIL", "5", "2")
        | {"label": {"vehicle_covers_dilution": True, "oil": False, "ethanol_ml": "0"}},
    )
    plan = await make_active_plan(as_role, clinic, formula=minoxidil, protocol="P-MINOX-10W")
    async with app.state.database.reading() as db:
        caller = system_caller(await db.get_one(Clinic, clinic.id), app.state.database.clock())
        row = await db.get_one(TreatmentPlan, (clinic.id, UUID(plan["id"])))
        judge = await days_ahead(db, caller, row, caller.today, caller.today + timedelta(days=200))
    assert judge.look_back_days == WINDOW + 1
    verdicts, said = Verdicts(judge), set[str]()
    asked.clear()
    for first, third, count in product((0, 1), (60, 61), range(2, 7)):
        days = (first, 7, third, 67, 74, 81)[:count]
        placed = tuple(Placed(caller.now + timedelta(days=day, hours=day % 3)) for day in days)
        for days_on in range(-3, 36):
            start = placed[-1].starts_at + timedelta(days=days_on, hours=days_on % 2)
            told = verdicts.at(start, placed)
            assert told == judge.at(start, [each.starts_at for each in placed])
            said.update(each.code for each in told.findings)
    assert {"DOSE-CUMULATIVE-WINDOW", "SPACING-INGREDIENT-MIN", "SPACING-MIN-INTERVAL"} <= said
    questions = 20 * 39
    assert questions < len(asked) < 2 * questions - 50
