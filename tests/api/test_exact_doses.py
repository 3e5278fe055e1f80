"""Exact arithmetic from the request to the finding: sums, shares, days, at their very edge."""

from typing import Any

import pytest

from tests.factories import made
from tests.factories_sessions import SCREENING, book, treated
from tests.stories.situations import (
    NUMBING,
    Answer,
    World,
    a_booking,
    a_move,
    approving,
    booking_after,
    drug,
    injecting,
    instant,
    patient_of,
    planned,
)
from tests.stories.situations_of_practice import injecting_so, planning

COMMENT = "Guardian consents in writing; agreed with the medical director."


@pytest.fixture
def world(as_role: Any, clinic: Any, clock: Any) -> World:
    return World(as_role, clinic, clock)


async def found(ask: Any, code: str, **answers: Any) -> list[Answer]:
    answer = await ask("?dry_run=true", **answers)
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["findings"] if each["code"] == code]


@pytest.mark.parametrize(("second_ml", "measured"), [("7.5", None), ("7.501", "300.02")])
async def test_an_ingredient_adds_up_over_syringes(world, second_ml, measured):
    """Lidocaine 20 mg/mL in two syringes: 300 mg are allowed in a session."""
    lines = [
        drug("LIDOCAINE", "20", "7.5", syringe=1),
        drug("LIDOCAINE", "20", second_ml, syringe=2),
    ]
    findings = await found(await approving(world, lines), "DOSE-ABS-MAX")
    assert [each["measured"] for each in findings] == ([measured] if measured else [])


async def test_the_dose_is_the_share_of_all_areas_together(world):
    """2 of 3 mL, over two areas of uneven volume, is two thirds of 15 mg and of 7.5 mg."""
    lines = (drug("MEPIVACAINE", "10", "1.5"), drug("BIOTIN", "5", "1.5"))
    areas = [treated("SCALP_FRONTAL", "1.001"), treated("SCALP_MID", "0.999")]
    ask = await injecting_so(world, lines=lines, areas=areas, discarded_ml="1")
    done = await ask()
    assert done.status_code == 201, done.text
    doses = {each["ingredient_code"]: each["dose"]["value"] for each in done.json()["doses"]}
    assert doses == {"BIOTIN": "5", "MEPIVACAINE": "10"}


@pytest.mark.parametrize(("measured_on", "age"), [("2025-12-10", None), ("2025-12-09", "91")])
async def test_a_weight_grows_stale_on_the_91st_day(world, measured_on, age):
    patient = await patient_of(world, weight_kg=None)
    weight = {"kind": "weight", "value": "80", "unit": "kg"}
    path = f"/v1/patients/{patient['id']}/measurements"
    client = world.as_role("practitioner")
    await made(client, path, weight | {"measured_at": f"{measured_on}T09:00:00Z"})
    plan = await planned(world, NUMBING, patient=patient)
    at = instant("2026-03-10")
    session = await book(client, plan, world.clinic, at.isoformat())
    world.clock.set(at)
    ask = a_move(world, f"/v1/sessions/{session['id']}", "check-in", "nurse", SCREENING)
    findings = await found(ask, "DOSE-WEIGHT-STALE")
    assert [each["measured"] for each in findings] == ([age] if age else [])
    assert await found(ask, "DOSE-WEIGHT-STALE", weight_kg="81") == []


@pytest.mark.parametrize(("expires_on", "refused"), [("2026-03", False), ("2026-02", True)])
async def test_a_month_lasts_to_its_last_day(world, expires_on, refused):
    findings = await found(await injecting(world, expires_on=expires_on), "LOT-EXPIRY")
    assert bool(findings) is refused
    if refused:
        assert findings[0]["limit"] == "2026-02-28"


async def test_who_was_born_on_29_february_is_of_age_on_1_march(world):
    """Born 2012-02-29: 17 on 28 February 2030, 18 the day after."""
    ask = await planning(world, born_on="2012-02-29")
    young = await found(ask, "PAT-AGE-MIN")
    assert (young[0]["measured"], young[0]["override_role"]) == ("14", "medical_director")
    answer = {"code": "PAT-AGE-MIN", "reason": "clinical_judgement", "comment": COMMENT}
    started = await ask(overrides=[answer])
    assert started.status_code == 200, started.text
    plan = started.json()
    for day, years in (("2030-02-28", ["17"]), ("2030-03-01", [])):
        booking = a_booking(world, plan, instant(day))
        assert [each["measured"] for each in await found(booking, "PAT-AGE-MIN")] == years


async def test_seven_days_are_seven_days_over_the_change_to_summer_time(world):
    """Clocks in Paris go forward on 29 March 2026.

    From Thursday 26 March to Wednesday 1 April are 6 calendar days, though 143 hours.
    """
    plan = await planned(world, NUMBING)
    desk = world.as_role("receptionist")
    await book(desk, plan, world.clinic, "2026-03-26T23:00:00+01:00")
    for starts_at, days in (
        ("2026-04-01T00:30:00+02:00", []),
        ("2026-03-31T23:30:00+02:00", ["5"]),
    ):
        body = {
            "plan_id": plan["id"], "starts_at": starts_at, "duration_minutes": 30,
            "practitioner_id": plan["practitioner_id"],
        }  # fmt: skip
        answer = await desk.post("/v1/sessions?dry_run=true", json=body)
        findings = [f for f in answer.json()["findings"] if f["code"] == "SPACING-MIN-INTERVAL"]
        assert [each["measured"] for each in findings] == days


@pytest.mark.parametrize(("days", "measured"), [(200, []), (199, ["199"])])
async def test_a_label_looks_back_further_than_any_figure_of_the_rule_set(world, days, measured):
    """The leaflet asks for 200 days, more than any window that the reference set looks back."""
    rare = (drug("MEPIVACAINE", "10", "2", label={"min_interval_days": 200}),)
    ask = await booking_after(world, days=days, lines=rare)
    findings = await found(ask, "SPACING-INGREDIENT-MIN")
    assert [each["measured"] for each in findings] == measured
