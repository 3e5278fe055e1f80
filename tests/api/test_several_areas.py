"""A plan that treats two areas with one volume: activated, foreseen and performed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import made
from tests.factories_sessions import (
    book,
    check_in,
    make_lot,
    make_treatable_patient,
    move_on,
    protocol_id,
    treated,
)
from tests.stories.situations import World, approved, drug, saline

TWO = ("SCALP_FRONTAL", "SCALP_VERTEX")
AREA = "VOL-AREA-MAX"
AT = "2026-03-10T09:00:00Z"


@pytest.fixture
def world(as_role: Any, clinic: Any, clock: Any) -> World:
    return World(as_role, clinic, clock)


async def drafted(world, volume_ml, *areas, points=200, lines=None):
    """A draft of so much a session, of 6 mL that are mixed, in points enough for any volume."""
    client = world.as_role("practitioner")
    patient = await make_treatable_patient(client)
    lines = lines or (drug("BIOTIN", "5", "0.5"), saline("5.5"))
    formula = await approved(world, lines)
    body = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": list(areas or TWO),
        "volume_per_session_ml": volume_ml,
        "technique": "POINT_BY_POINT",
        "points": points,
        "depth_mm": "2",
    }
    return await made(client, "/v1/plans", body)


async def activated(world, plan, query="", **answers):
    director = world.as_role("medical_director")
    answer = await move_on(director, f"/v1/plans/{plan['id']}", "activate", answers, query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def found(world, plan, code):
    dry = await activated(world, plan, "?dry_run=true")
    return [
        (each["outcome"], each["severity"], each["measured"], each["limit"])
        for each in dry["findings"]
        if each["code"] == code
    ]


SPLIT = ("not_evaluable", "warn", None, None)


@pytest.mark.parametrize(
    ("volume_ml", "expected"),
    [
        ("2", []),
        ("2.001", [SPLIT, SPLIT]),
        ("4", [SPLIT, SPLIT]),
        ("4.001", [("fail", "override", "4.001", "4")]),
    ],
)
async def test_two_areas_are_judged_together(world, volume_ml, expected):
    """Each may hold 2 mL. Up to 2 mL any split is fine, above 4 mL none is."""
    assert await found(world, await drafted(world, volume_ml), AREA) == expected


@pytest.mark.parametrize(
    ("volume_ml", "expected"), [("5", []), ("5.001", [("fail", "override", "5.001", "5")])]
)
async def test_three_parts_hold_no_more_than_their_whole(world, volume_ml, expected):
    plan = await drafted(world, volume_ml, *TWO, "SCALP_MID")
    assert [each for each in await found(world, plan, AREA) if each != SPLIT] == expected


@pytest.mark.parametrize(
    ("points", "expected"), [(80, []), (79, [("fail", "override", "0.0506", "0.05")])]
)
async def test_points_are_those_of_all_areas_together(world, points, expected):
    plan = await drafted(world, "4", points=points)
    assert await found(world, plan, "VOL-POINT-MAX") == expected


async def weighed(world, plan, kilograms):
    body = {"kind": "weight", "value": kilograms, "measured_at": "2026-03-02T07:30:00Z"}
    path = f"/v1/patients/{plan['patient_id']}/measurements"
    await made(world.as_role("practitioner"), path, body)
    items = (await world.as_role("practitioner").get("/v1/worklists/review")).json()["items"]
    return [[finding["code"] for finding in each["findings"]] for each in items]


async def test_a_session_to_come_is_not_held_against_a_split_that_can_be_right(world):
    """3 mL fit into two areas of 2 mL; in the first alone they would not."""
    plan = await activated(world, await drafted(world, "3"), acknowledged=[AREA])
    await book(world.as_role("receptionist"), plan, world.clinic, AT)
    assert await weighed(world, plan, "79") == []


@pytest.mark.parametrize(
    ("kilograms", "expected"),
    [("20", []), ("19.999", [["DOSE-WEIGHT-MAX", "DOSE-LA-ADDITIVE"]])],
)
async def test_the_dose_to_come_is_that_of_the_whole_volume(world, kilograms, expected):
    """4.5 mL of 20 mg/mL lidocaine are 90 mg, all that 20 kg may have, in whichever area."""
    lines = (drug("LIDOCAINE", "20", "6"),)
    plan = await drafted(world, "4.5", *TWO, "NECK", lines=lines)
    plan = await activated(world, plan, acknowledged=[AREA, "TECH-DEPTH-MAX"])
    await book(world.as_role("receptionist"), plan, world.clinic, AT)
    assert await weighed(world, plan, kilograms) == expected


@pytest.mark.parametrize(
    ("second_ml", "expected"), [("2", []), ("2.001", [("override", "2.001", "2")])]
)
async def test_what_is_injected_is_judged_area_by_area(world, second_ml, expected):
    nurse = world.as_role("nurse")
    plan = await activated(world, await drafted(world, "3"), acknowledged=[AREA])
    session = await book(nurse, plan, world.clinic, AT)
    world.clock.set(datetime.fromisoformat(AT))
    await check_in(nurse, session)
    lot = await make_lot(nurse)
    body = {
        "performed_at": AT,
        "preparation_started_at": AT,
        "areas": [treated(TWO[0], "1"), treated(TWO[1], second_ml)],
        "discarded_ml": str(5 - Decimal(second_ml)),
        "lots": [{"lot_id": lot["id"], "volume_ml": "0.5"}],
        "observation_minutes": 30,
    }
    path = f"/v1/sessions/{session['id']}"
    dry = (await move_on(nurse, path, "administration", body, "?dry_run=true")).json()
    mine = [each for each in dry["findings"] if each["code"] == AREA]
    assert [(e["severity"], e["measured"], e["limit"]) for e in mine] == expected
