"""Pregnancy newly recorded: what stops, who is asked to do what, and how long it is followed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    administer,
    book,
    check_in,
    make_active_plan,
    make_lot,
    move_on,
    moved,
    performance,
)
from tests.remembering import remembered
from tests.stories.situations import DUTASTERIDE, World, a_move, approved, patient_of
from tests.stories.situations_of_practice import answered

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
GIVEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
NO: Answer = {
    "childbearing_potential": True, "pregnancy_status": "not_pregnant", "lactating": False,
    "pregnancy_test_on": "2026-03-02", "pregnancy_test_result": "negative",
    "contraception": "Copper intrauterine device", "contraception_effective": True,
}  # fmt: skip
WHY = {"reason": "Spoken with her; obstetrician informed."}


@pytest.fixture
@remembered
async def plan(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A woman who was given dutasteride on 2 March, with her next session booked for 30 March."""
    world = World(as_role, clinic, clock)
    patient = await patient_of(world, sex="female")
    path = f"/v1/patients/{patient['id']}/pregnancy-statements"
    await made(as_role("practitioner"), path, {"stated_on": "2026-03-02"} | NO)
    formula = await approved(world, DUTASTERIDE)
    plan = await make_active_plan(
        as_role, clinic, patient=patient, formula=formula, protocol="P-DUTA-Q4W"
    )
    nurse = as_role("nurse")
    session = await book(nurse, plan, clinic, GIVEN.isoformat())
    clock.set(GIVEN)
    await check_in(nurse, session, **NO)
    clock.advance(minutes=30)
    lot = await make_lot(nurse, "DUTASTERIDE")
    performed_at = (GIVEN + timedelta(minutes=20)).isoformat()
    lots = [{"lot_id": lot["id"], "volume_ml": "1.5"}]
    first = await administer(as_role("practitioner"), session, performed_at, lots=lots)
    booked = await book(nurse, plan, clinic, "2026-03-30T08:00:00Z")
    return plan | {"next": booked, "first": first}


async def tells(as_role: AsRole, plan: Answer, on: datetime, status: str) -> Answer:
    body = {"stated_on": f"{on:%Y-%m-%d}", "pregnancy_status": status}
    path = f"/v1/patients/{plan['patient_id']}/pregnancy-statements"
    return await made(as_role("nurse"), path, body)


async def items(client: httpx.AsyncClient, path: str, **query: Any) -> list[Answer]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[Answer] = answer.json()["items"]
    return found


async def exposures(as_role: AsRole, plan: Answer) -> list[Answer]:
    mine = {"cause": "pregnancy", "patient_id": plan["patient_id"]}
    tasks = await items(as_role("nurse"), "/v1/worklists/tasks", **mine)
    return [each for each in tasks if "follow the exposure to birth" in each["title"]]


async def test_what_is_booked_is_stopped_and_listed_on_the_same_day(
    as_role: AsRole, plan: Answer, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    nurse = as_role("nurse")
    await tells(as_role, plan, clock.now, "pregnant")
    (hold,) = await items(nurse, "/v1/holds", patient_id=plan["patient_id"])
    assert (hold["plan_id"], hold["release_role"]) == (plan["id"], "medical_director")
    assert hold["due_at"] == "2026-03-21T09:00:00Z"
    shown = (await nurse.get(f"/v1/plans/{plan['id']}")).json()
    assert shown["state"] == "on_hold"
    (listed,) = await items(nurse, "/v1/worklists/review", patient_id=plan["patient_id"])
    assert (listed["session"]["id"], listed["severity"]) == (plan["next"]["id"], "block")
    codes = {each["code"] for each in listed["findings"]}
    assert {"HOLD", "CONTRA-PREGNANCY", "CONTRA-PREGNANCY-5ARI"} <= codes
    clock.set(datetime(2026, 3, 30, 8, tzinfo=UTC))
    path = f"/v1/sessions/{plan['next']['id']}"
    refused = await move_on(nurse, path, "check-in", SCREENING | NO)
    assert (refused.status_code, refused.json()["holds"][0]["id"]) == (409, hold["id"])


async def test_an_exposure_is_followed_to_birth_by_the_director(
    as_role: AsRole, plan: Answer, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    nurse, director = as_role("nurse"), as_role("medical_director")
    await tells(as_role, plan, clock.now, "pregnant")
    (task,) = await exposures(as_role, plan)
    assert "after DUTASTERIDE, last given on 2026-03-02" in task["title"]
    assert (task["for_role"], task["severity"]) == ("medical_director", "block")
    assert task["patient_id"] == plan["patient_id"]
    (hold,) = await items(nurse, "/v1/holds", patient_id=plan["patient_id"])
    own = f"/v1/holds/{hold['id']}"

    async def missing() -> list[str]:
        answer = await move_on(director, own, "release", WHY)
        assert answer.status_code == 409, answer.text
        found: list[str] = answer.json()["missing"]
        return found

    assert await missing() == ["plan_stopped", "exposure_followed"]
    await moved(director, f"/v1/plans/{plan['id']}", "stop", WHY)
    assert await missing() == ["exposure_followed"]
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))
    done = {"note": "A healthy boy, born on 24 November; no anomaly seen."}
    close = f"/v1/worklists/tasks/{task['id']}"
    assert (await move_on(as_role("practitioner"), close, "close", done)).status_code == 403
    await moved(director, close, "close", done)
    assert await exposures(as_role, plan) == []
    assert (await move_on(director, own, "release", WHY)).status_code == 200


@pytest.mark.parametrize(("days", "followed"), [(183, 1), (184, 0)])
async def test_an_exposure_counts_for_as_long_as_its_label_defers_a_donation(
    as_role: AsRole, plan: Answer, clock: FakeClock, days: int, followed: int
) -> None:
    clock.set(GIVEN + timedelta(days=days))
    await tells(as_role, plan, clock.now, "pregnant")
    assert len(await exposures(as_role, plan)) == followed


async def test_a_plan_that_is_over_leaves_an_exposure_to_be_followed(
    as_role: AsRole, plan: Answer, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 10, 9, tzinfo=UTC))
    await moved(as_role("medical_director"), f"/v1/plans/{plan['id']}", "stop", WHY)
    await tells(as_role, plan, clock.now, "pregnant")
    await tells(as_role, plan, clock.now, "pregnant")
    assert len(await exposures(as_role, plan)) == 1, "once, however often it is told"
    nurse = as_role("nurse")
    assert await items(nurse, "/v1/holds", patient_id=plan["patient_id"]) == []


async def test_what_was_never_given_exposes_nobody(
    as_role: AsRole, plan: Answer, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 10, 9, tzinfo=UTC))
    session = f"/v1/sessions/{plan['first']['session_id']}"
    wrong = {"reason": "Another patient's record."}
    await moved(as_role("practitioner"), session, "entered-in-error", wrong)
    await tells(as_role, plan, clock.now, "pregnant")
    assert await exposures(as_role, plan) == []


@pytest.mark.parametrize(
    ("later", "still"),
    [("unknown", True), ("not_pregnant", False), (None, True)],
)
async def test_only_a_record_that_says_no_takes_a_pregnancy_back(
    as_role: AsRole, plan: Answer, clock: FakeClock, later: str | None, still: bool
) -> None:
    """None: nothing later is said."""
    clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    director = as_role("medical_director")
    await tells(as_role, plan, clock.now, "pregnant")
    (task,) = await exposures(as_role, plan)
    note = {"outcome": "not_needed", "note": "The test strip had expired; blood test negative."}
    await moved(director, f"/v1/worklists/tasks/{task['id']}", "close", note)
    clock.advance(days=1)
    if later is not None:
        await tells(as_role, plan, clock.now, later)
    (hold,) = await items(director, "/v1/holds", patient_id=plan["patient_id"])
    answer = await move_on(director, f"/v1/holds/{hold['id']}", "release", WHY)
    if still:
        assert (answer.status_code, answer.json()["missing"]) == (409, ["plan_stopped"])
    else:
        assert answer.status_code == 200, answer.text
        shown = (await director.get(f"/v1/plans/{plan['id']}")).json()
        assert shown["state"] == "active"


async def test_a_statement_that_was_wrong_is_taken_back_by_what_was_said_before(
    as_role: AsRole, plan: Answer, clock: FakeClock
) -> None:
    clock.set(datetime(2026, 3, 20, 9, tzinfo=UTC))
    nurse, director = as_role("nurse"), as_role("medical_director")
    said = await tells(as_role, plan, clock.now, "pregnant")
    path = f"/v1/patients/{plan['patient_id']}/pregnancy-statements/{said['id']}"
    await moved(nurse, path, "entered-in-error", {"reason": "Said by another patient."})
    (hold,) = await items(nurse, "/v1/holds", patient_id=plan["patient_id"])
    shown = (await director.get(f"/v1/holds/{hold['id']}")).json()
    met = {each["code"]: each["met"] for each in shown["criteria"]}
    assert met == {"plan_stopped": True, "exposure_followed": False}


async def test_what_is_entered_late_for_a_known_pregnancy_is_an_exposure_too(
    as_role: AsRole, clinic: SeededClinic, plan: Answer, clock: FakeClock
) -> None:
    wrong = {"reason": "Another patient's record."}
    first = f"/v1/sessions/{plan['first']['session_id']}"
    await moved(as_role("practitioner"), first, "entered-in-error", wrong)
    clock.set(datetime(2026, 3, 31, 9, tzinfo=UTC))
    await tells(as_role, plan, clock.now, "pregnant")
    assert await exposures(as_role, plan) == []
    lot = await make_lot(as_role("nurse"), "DUTASTERIDE", lot_number="D-2")
    body = performance(
        "2026-03-30T08:20:00Z",
        retrospective_reason="The network was down during the visit.",
        administered_by=str(clinic.staff["practitioner"]),
        lots=[{"lot_id": lot["id"], "volume_ml": "1.5"}],
    )
    path = f"/v1/sessions/{plan['next']['id']}"
    await answered(a_move(World(as_role, clinic, clock), path, "administration", "nurse", body))
    (task,) = await exposures(as_role, plan)
    assert "after DUTASTERIDE, last given on 2026-03-30" in task["title"]
    nurse = as_role("nurse")
    assert len(await items(nurse, "/v1/holds", patient_id=plan["patient_id"])) == 1, "once"
