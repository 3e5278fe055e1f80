"""Courses and cumulative doses: no session breaches a window, and none is further off than it must.

Minoxidil: 10 mg a session, at most 40 mg in 28 days (a dose exactly 28 days ago is outside), six
days between two doses. Dutasteride: 28 days between two doses. Day 0 is Monday, 2 March 2026.
"""

from datetime import date, timedelta

import pytest

from models import Closure
from tests.factories_sessions import (
    administer,
    book,
    check_in,
    component,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    treated,
)
from tests.stored_rows import write

BEGIN = date(2026, 3, 2)
SOLUBILISED = {"label": {"vehicle_covers_dilution": True, "oil": False, "ethanol_ml": "0"}}
MG, MOST_MG, WINDOW = 10, 40, 28


@pytest.fixture
async def patient(as_role):
    return await make_treatable_patient(as_role("practitioner"))


@pytest.fixture
async def minoxidil(as_role):
    line = component("MINOXIDIL", "5", "2") | SOLUBILISED
    return await make_approved_formula(as_role("practitioner"), as_role("medical_director"), line)


@pytest.fixture
async def plan(as_role, clinic, patient, minoxidil):
    """Ten weekly sessions."""
    return await make_active_plan(
        as_role, clinic, patient=patient, formula=minoxidil, protocol="P-MINOX-10W"
    )


@pytest.fixture
async def other(as_role, clinic, patient, minoxidil):
    """The same medicine for the same patient, by another plan."""
    return await make_active_plan(
        as_role, clinic, patient=patient, formula=minoxidil, protocol="P-MINOX-10W"
    )


async def try_course(client, plan):
    path = f"/v1/plans/{plan['id']}/course?dry_run=true"
    return await client.post(path, json={"acknowledged": ["PLAN-REASSESS-DUE"]})


async def planned(client, plan):
    """The days of the course, counted from the beginning, with nothing left to answer."""
    answer = await try_course(client, plan)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "allowed"), answer.text
    starts = [each["local_starts_at"][:10] for each in answer.json()["sessions"]]
    return [(date.fromisoformat(each) - BEGIN).days for each in starts]


def at(day, hour=9):
    return f"{BEGIN + timedelta(days=day)}T{hour:02}:00:00Z"


async def close(app, clinic, *days):
    rows = [
        {"starts_on": BEGIN + timedelta(days=day), "ends_on": BEGIN + timedelta(days=day),
         "name": "Works"}
        for day in days
    ]  # fmt: skip
    await write(app, clinic, Closure, *rows)


def fullest_window(doses):
    """Most milligrams in any 28 days that end with a dose. doses: (day, mg)."""
    return max(
        sum(mg for day, mg in doses if end - WINDOW < day <= end) for end, _ in doses
    )  # fmt: skip


async def test_a_window_is_filled_and_never_overfilled(as_role, clinic, app, plan):
    desk = as_role("receptionist")
    weekly = await planned(desk, plan)
    assert weekly == [0, 7, 14, 21, 28, 35, 42, 49, 56, 63]
    assert fullest_window([(day, MG) for day in weekly]) == MOST_MG
    await close(app, clinic, 28)
    # The 27th is as near, and the protocol allows it; but then the first dose would still count.
    moved = await planned(desk, plan)
    assert moved == [0, 7, 14, 21, 29, 36, 43, 50, 57, 64]
    assert fullest_window([(day, MG) for day in [0, 7, 14, 21, 27]]) > MOST_MG


async def test_doses_of_another_plan_count_given_or_booked(
    as_role, clinic, app, clock, plan, other
):
    desk, nurse, doctor = as_role("receptionist"), as_role("nurse"), as_role("practitioner")
    given = await book(desk, other, clinic, at(0))
    for day in (6, 12):
        await book(desk, other, clinic, at(day))
    clock.advance(hours=1)
    await check_in(nurse, given)
    lot = await make_lot(doctor, "MINOXIDIL")
    done = await administer(
        doctor, given, at(0), areas=[treated("SCALP_FRONTAL", "1.5")],
        lots=[{"lot_id": lot["id"], "volume_ml": "2"}],
    )  # fmt: skip
    assert done["doses"][0]["dose"] == {"value": "7.5", "unit": "mg"}
    days = await planned(desk, plan)
    # Six days after the last of the other plan; then not before the dose that was given is 28
    # days old; then weekly, as each of the others leaves the window.
    assert days == [18, 28, 35, 42, 49, 56, 63, 70, 77, 84]
    others = [(0, 7.5), (6, MG), (12, MG)]
    assert fullest_window([*others, *((day, MG) for day in days)]) == MOST_MG
    assert fullest_window([*others, (18, MG), (27, MG)]) > MOST_MG


async def test_a_course_that_the_other_plan_leaves_no_room_for(as_role, clinic, plan, other):
    desk = as_role("receptionist")
    path = f"/v1/plans/{other['id']}/course"
    booked = await desk.post(path, json={"acknowledged": ["PLAN-REASSESS-DUE"]})
    assert booked.status_code == 201, booked.text
    answer = await desk.post(f"/v1/plans/{plan['id']}/course", json={})
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/course-impossible"
    assert (problem["session_number"], problem["placed_before"]) == (1, 0)
    refused = {each["code"]: each["days"] for each in problem["refused"]}
    # Each of the 60 days is too near to a dose of the other plan, and would overfill the window
    # that ends with it or with one of the doses behind it.
    assert refused == {"DOSE-CUMULATIVE-WINDOW": 60, "SPACING-INGREDIENT-MIN": 60}
    assert [each["local_starts_at"][:10] for each in problem["alternatives"]] == [
        "2026-03-02", "2026-03-03", "2026-03-04",
    ]  # fmt: skip
    for each in problem["alternatives"]:
        assert each["needs_override"] == ["DOSE-CUMULATIVE-WINDOW", "SPACING-INGREDIENT-MIN"]


async def test_dutasteride_is_28_days_apart_and_not_27(as_role, clinic, app, patient):
    line = component("DUTASTERIDE", "0.5", "2") | SOLUBILISED
    doctor, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_approved_formula(doctor, director, line)
    monthly = await make_active_plan(
        as_role, clinic, patient=patient, formula=formula, protocol="P-DUTA-Q4W"
    )
    desk = as_role("receptionist")
    assert await planned(desk, monthly) == [0, 28, 56]
    await close(app, clinic, 28)
    assert await planned(desk, monthly) == [0, 29, 57]
