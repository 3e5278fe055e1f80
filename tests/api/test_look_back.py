"""The circle around a lot or a side effect: who had the lot, and who had the same formula."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.clinic import FakeClock, SeededClinic
from tests.factories_sessions import make_active_plan, make_approved_formula, make_lot
from tests.factories_side_effects import make_effect, on_day, treat
from tests.queries import counted_queries
from tests.remembering import remembered

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
@remembered
async def circle(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> list[Answer]:
    """Three treated patients: two share a formula, from two lots; the third has another."""
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    nurse = as_role("nurse")
    shared = await make_approved_formula(practitioner, director)
    treated = []
    for hour, formula in ((9, shared), (11, shared), (13, None)):
        plan = await make_active_plan(as_role, clinic, formula=formula)
        lot = await make_lot(nurse, lot_number=f"L-{hour}")
        treated.append(await treat(as_role, clinic, clock, plan, lot, hour=hour))
    return treated


async def read(client: httpx.AsyncClient, path: str, **query: Any) -> Answer:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    shown: Answer = answer.json()
    return shown


def exposures_of(treated: Answer) -> str:
    return f"/v1/lots/{treated['lot']['id']}/exposures"


async def test_a_lot_leads_to_who_had_the_same_formula_from_another_lot(
    as_role: AsRole, circle: list[Answer], clock: FakeClock
) -> None:
    first, second, _third = circle
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, second, code="AE_GRANULOMA")
    shown = await read(nurse, exposures_of(first))
    assert [each["patient_id"] for each in shown["patients"]] == [first["plan"]["patient_id"]]
    (alike,) = shown["same_formula"]
    assert alike["patient_id"] == second["plan"]["patient_id"]
    assert alike["session_ids"] == [second["session"]["id"]]
    assert (alike["first_on"], alike["last_on"]) == ("2026-03-02", "2026-03-02")
    assert (alike["formula_name"], alike["contact"]["given_name"]) == ("Scalp", "Luc")
    (open_effect,) = shown["open_side_effects"]
    assert (open_effect["id"], open_effect["link"]) == (effect["id"], "same_formula")


@pytest.mark.parametrize(("days", "found"), [(90, 1), (91, 0)])
async def test_the_look_back_reaches_90_days_unless_told(
    as_role: AsRole, circle: list[Answer], clock: FakeClock, days: int, found: int
) -> None:
    clock.set(on_day(days))
    nurse = as_role("nurse")
    shown = await read(nurse, exposures_of(circle[0]))
    assert (shown["look_back_days"], len(shown["same_formula"])) == (90, found)
    assert len(shown["patients"]) == 1, "the lot itself is followed for ever"
    wider = await read(nurse, exposures_of(circle[0]), look_back_days=91)
    assert len(wider["same_formula"]) == 1
    for wrong in (0, 3651):
        refused = await nurse.get(exposures_of(circle[0]), params={"look_back_days": wrong})
        assert refused.status_code == 422


async def test_a_side_effect_leads_to_everybody_to_contact(
    as_role: AsRole, circle: list[Answer], clock: FakeClock
) -> None:
    first, second, third = circle
    clock.set(on_day(8) + timedelta(hours=1))
    nurse = as_role("nurse")
    effect = await make_effect(
        nurse, first, code="AE_GRANULOMA", started_at=on_day(8),
        suspect_lot_ids=[third["lot"]["id"]],
    )  # fmt: skip
    shown = await read(nurse, f"/v1/side-effects/{effect['id']}/look-back")
    people = {
        lot["lot_id"]: [each["patient_id"] for each in lot["patients"]] for lot in shown["lots"]
    }
    assert people == {
        first["lot"]["id"]: [first["plan"]["patient_id"]],
        third["lot"]["id"]: [third["plan"]["patient_id"]],
    }
    assert [each["patient_id"] for each in shown["same_formula"]] == [second["plan"]["patient_id"]]
    assert (
        await as_role("owner").get(f"/v1/side-effects/{effect['id']}/look-back")
    ).status_code == 403


async def test_a_report_that_names_the_lot_is_shown_whoever_it_is_about(
    as_role: AsRole, circle: list[Answer], clock: FakeClock
) -> None:
    """The third patient had another formula; the second the same one, from another lot."""
    first, second, third = circle
    clock.set(on_day(1))
    nurse, named = as_role("nurse"), [first["lot"]["id"]]
    told = [await make_effect(nurse, each, suspect_lot_ids=named) for each in (second, third)]
    unrelated = await make_effect(nurse, third, code="AE_ITCH")
    shown = (await read(nurse, exposures_of(first)))["open_side_effects"]
    assert [(each["id"], each["link"]) for each in shown] == [
        (each["id"], "suspect_lot") for each in told
    ]
    assert unrelated["id"] not in {each["id"] for each in shown}


async def test_the_look_back_asks_the_same_of_the_database_for_two_patients_and_for_four(
    app: FastAPI, as_role: AsRole, clinic: SeededClinic, clock: FakeClock
) -> None:
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    nurse = as_role("nurse")
    formula = await make_approved_formula(practitioner, director)
    mine, other = [await make_lot(nurse, lot_number=f"L-{n}") for n in (1, 2)]
    counts = []
    for hours in ((9, 10), (11, 12)):
        for hour, lot in zip(hours, (mine, other), strict=True):
            plan = await make_active_plan(as_role, clinic, formula=formula)
            treated = await treat(as_role, clinic, clock, plan, lot, hour=hour)
            await make_effect(nurse, treated, started_at=clock.now, code="AE_PAIN")
        with counted_queries(app) as sent:
            shown = await read(nurse, f"/v1/lots/{mine['id']}/exposures")
        counts.append(len(sent))
    assert [len(shown[part]) for part in ("patients", "same_formula", "open_side_effects")] == [
        2, 2, 4,
    ]  # fmt: skip
    assert all(each["contact"]["given_name"] for each in shown["patients"] + shown["same_formula"])
    assert counts[0] == counts[1]
