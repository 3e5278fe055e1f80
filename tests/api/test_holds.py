"""Holds of every scope: who finds them, who releases them, and what comes back by itself."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_sessions import booking, make_active_plan, move_on
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
WHY = {"reason": "Culture negative; look-back done."}
JUDGED = {"causality": "possible", "comment": "Timing fits."}


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


async def held(client: httpx.AsyncClient, **query: Any) -> list[Answer]:
    answer = await client.get("/v1/holds", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Answer] = answer.json()["items"]
    return found


async def follow_up(client: httpx.AsyncClient, effect: Answer, **body: Any) -> Answer:
    path = f"/v1/side-effects/{effect['id']}/follow-ups"
    answer = await client.post(path, json={"text": "Seen again."} | body)
    assert answer.status_code == 201, answer.text
    shown: Answer = answer.json()
    return shown


async def test_only_the_director_releases_a_lot_that_a_late_nodule_set_aside(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, code="AE_GRANULOMA", started_at=on_day(7))
    path = f"/v1/lots/{treated['lot']['id']}"
    refused = await move_on(as_role("practitioner"), path, "release", WHY)
    assert refused.status_code == 403, refused.text
    assert (await nurse.get(path)).json()["state"] == "quarantined"
    (hold,) = await held(nurse, lot_id=treated["lot"]["id"], in_force=True)
    assert (hold["reason_code"], hold["patient_id"]) == ("delayed_nodule", None)

    came = [
        {"kind": "culture_mycobacteria", "result": "negative", "on": "2026-03-11"},
        {"kind": "look_back", "result": "done", "on": "2026-03-11", "note": "Nobody else."},
    ]
    await follow_up(nurse, effect, results=came)
    released = await move_on(director, path, "release", WHY)
    assert released.status_code == 200, released.text
    assert released.json()["state"] == "available"
    (after,) = await held(nurse, lot_id=treated["lot"]["id"])
    assert after["release_reason"] == WHY["reason"]
    assert after["released_at"] == "2026-03-11T12:00:00Z"


async def test_a_lot_that_no_side_effect_holds_is_the_practitioners_to_release(
    as_role: AsRole, treated: Answer
) -> None:
    path = f"/v1/lots/{treated['lot']['id']}"
    assert (await move_on(as_role("nurse"), path, "quarantine", WHY)).status_code == 200
    assert (await move_on(as_role("practitioner"), path, "release", WHY)).status_code == 200


async def test_lowering_the_grade_gives_nobody_the_right_to_release(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, grade=2)
    await follow_up(nurse, effect, grade=3)
    milder = await follow_up(nurse, effect, grade=1)
    mild_hold = next(h for h in milder["holds"] if h["reason_code"] == "grade_2")
    path = f"/v1/plans/{treated['plan']['id']}"
    body = {"hold_id": mild_hold["id"], "reason": "It is mild now."}
    director = as_role("medical_director")
    assert (await send(director, effect, "review", JUDGED)).status_code == 200
    assert (await move_on(as_role("practitioner"), path, "release", body)).status_code == 403
    assert (await move_on(director, path, "release", body)).status_code == 200


async def test_what_worsens_after_the_sign_off_is_stopped_again(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, grade=3)
    assert (await send(director, effect, "review", JUDGED)).status_code == 200
    first = f"/v1/holds/{effect['holds'][0]['id']}"
    assert (await move_on(director, first, "release", WHY)).status_code == 200
    same = await follow_up(nurse, effect, grade=3)
    assert [each["released_at"] is None for each in same["holds"]] == [False]
    assert same["state"] == "under_review"

    worse = await follow_up(nurse, effect, grade=4)
    assert [each["released_at"] is None for each in worse["holds"]] == [False, True]
    assert worse["state"] == "open", "it waits to be judged anew"
    assert (await nurse.get(f"/v1/plans/{treated['plan']['id']}")).json()["state"] == "on_hold"
    second = f"/v1/holds/{worse['holds'][1]['id']}"
    early = await move_on(director, second, "release", WHY)
    assert (early.status_code, early.json()["missing"]) == (409, ["reviewed_by_director"])
    body = booking(treated["plan"], clinic, "2026-03-09T09:00:00Z")
    refused = await director.post("/v1/sessions", json=body)
    assert (refused.status_code, refused.json()["state"]) == (409, "on_hold")
    assert (await send(director, effect, "review", JUDGED)).status_code == 200
    assert (await move_on(director, second, "release", WHY)).status_code == 200
    assert (await director.post("/v1/sessions", json=body)).status_code == 201


async def test_a_new_criterion_of_seriousness_stops_again(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, seriousness=["hospitalisation"])
    lot = f"/v1/lots/{treated['lot']['id']}"
    assert (await send(director, effect, "review", JUDGED)).status_code == 200
    assert (await move_on(director, lot, "release", WHY)).status_code == 200
    again = await follow_up(nurse, effect, seriousness=["hospitalisation"])
    assert (await nurse.get(lot)).json()["state"] == "available", "nothing new was said"
    again = await follow_up(nurse, effect, seriousness=["life_threatening"])
    assert (await nurse.get(lot)).json()["state"] == "quarantined"
    standing = [h for h in again["holds"] if h["scope"] == "lot" and h["released_at"] is None]
    assert len(standing) == 1


async def test_a_hold_is_released_by_its_own_address_in_the_version_seen(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    effect = await make_effect(nurse, treated, grade=2)
    path = f"/v1/holds/{effect['holds'][0]['id']}"
    assert (await practitioner.post(f"{path}/release", json=WHY)).status_code == 428
    stale = await practitioner.post(f"{path}/release", json=WHY, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert (await move_on(nurse, path, "release", WHY)).json()["missing_scope"] == "holds:release"

    assert (await send(practitioner, effect, "review", JUDGED)).status_code == 200
    released = await move_on(practitioner, path, "release", WHY)
    assert released.status_code == 200, released.text
    shown = await nurse.get(path)
    assert shown.json() == released.json()
    assert shown.headers["etag"] == f'"{released.json()["version"]}"'
    assert (await nurse.get(f"/v1/plans/{treated['plan']['id']}")).json()["state"] == "active"
    again = await move_on(practitioner, path, "release", WHY)
    assert (again.status_code, again.json()["state"]) == (409, "released")


async def test_the_list_of_holds_is_filtered_and_hides_what_is_clinical(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    nurse, desk = as_role("nurse"), as_role("receptionist")
    await make_effect(nurse, treated, code="AE_GRANULOMA", started_at=on_day(7))
    other = await make_active_plan(as_role, clinic)
    stop = {"reason": "Ferritin is awaited before going on."}
    assert (
        await move_on(as_role("practitioner"), f"/v1/plans/{other['id']}", "hold", stop)
    ).status_code == 200
    assert [each["scope"] for each in await held(nurse)] == ["plan", "lot", "plan"]
    assert [each["scope"] for each in await held(nurse, scope="lot")] == ["lot"]
    assert len(await held(nurse, release_role="medical_director")) == 2
    assert len(await held(nurse, plan_id=other["id"])) == 1
    assert await held(nurse, in_force=False) == []
    assert await held(nurse, overdue=True) == []
    clock.set(on_day(10))
    assert await held(nurse, overdue=True) == [], "24 hours are not over yet"
    clock.advance(seconds=1)
    assert len(await held(nurse, overdue=True)) == 2
    hidden = await held(desk)
    assert [each["reason_code"] for each in hidden] == [None, None, None]
    asked = await desk.get("/v1/holds", params={"reason_code": "delayed_nodule"})
    assert (asked.status_code, asked.json()["missing_scope"]) == (403, "clinical:read")
