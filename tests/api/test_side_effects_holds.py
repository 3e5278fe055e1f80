"""What a side effect stops by itself, what a follow-up adds, and who may let it go on."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_sessions import book, make_active_plan, move_on
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send, treat

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


async def plan_state(client: httpx.AsyncClient, treated: Answer) -> str:
    return str((await client.get(f"/v1/plans/{treated['plan']['id']}")).json()["state"])


async def lot_state(client: httpx.AsyncClient, treated: Answer) -> str:
    return str((await client.get(f"/v1/lots/{treated['lot']['id']}")).json()["state"])


def triggers(effect: Answer) -> set[str]:
    return {each["trigger"] for each in effect["escalation"]["triggers"]}


def stops(effect: Answer) -> set[tuple[str, str, str]]:
    """Scope, trigger and who may release, of each hold."""
    return {(each["scope"], each["reason_code"], each["release_role"]) for each in effect["holds"]}


async def follow_up(client: httpx.AsyncClient, effect: Answer, **body: Any) -> Answer:
    answer = await client.post(
        f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "Seen again."} | body
    )
    assert answer.status_code == 201, answer.text
    result: Answer = answer.json()
    return result


PLAN_BY_PRESCRIBER = {
    ("AE_HEADACHE", 2, ()): {("plan", "grade_2", "prescriber")},
    ("AE_INFECTION", 1, ()): {("plan", "infection", "prescriber")},
}
PLAN_BY_DIRECTOR = {
    ("AE_HEADACHE", 3, ()): {("plan", "grade_3", "medical_director")},
    ("AE_ALOPECIA_PATCH", 1, ()): {
        ("area", "patchy_or_scarring", "medical_director"),
        ("formula", "patchy_or_scarring", "medical_director"),
    },
    ("AE_HEADACHE", 1, ("hospitalisation",)): {
        ("plan", "serious", "medical_director"),
        ("lot", "serious", "medical_director"),
    },
}


@pytest.mark.parametrize("case", [*PLAN_BY_PRESCRIBER, *PLAN_BY_DIRECTOR], ids=str)
async def test_the_table_of_escalation_opens_its_holds(
    as_role: AsRole, treated: Answer, clock: FakeClock, case: tuple[str, int, tuple[str, ...]]
) -> None:
    code, grade, seriousness = case
    clock.set(on_day(8))
    effect = await make_effect(
        as_role("nurse"), treated, code=code, grade=grade, started_at=on_day(7),
        seriousness=list(seriousness), areas=["SCALP_FRONTAL"],
    )  # fmt: skip
    assert stops(effect) == (PLAN_BY_PRESCRIBER | PLAN_BY_DIRECTOR)[case]
    assert await plan_state(as_role("nurse"), treated) == "on_hold"
    shown = (await as_role("nurse").get(f"/v1/side-effects/{effect['id']}")).json()
    assert shown["holds"] == effect["holds"]
    serious = "serious" in triggers(effect)
    expected = "quarantined" if serious else "available"
    assert await lot_state(as_role("nurse"), treated) == expected


async def test_grade_1_in_its_window_stops_nothing(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    effect = await make_effect(as_role("nurse"), treated, grade=1)
    assert triggers(effect) == {"local_grade_1_in_window"}
    assert effect["holds"] == []
    assert await plan_state(as_role("nurse"), treated) == "active"


@pytest.mark.parametrize(("day", "late"), [(6, False), (7, True)])
async def test_a_nodule_from_day_7_on_blocks_and_quarantines_the_lots(
    as_role: AsRole, treated: Answer, clock: FakeClock, day: int, late: bool
) -> None:
    clock.set(on_day(9))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_GRANULOMA", grade=1, started_at=on_day(day))
    assert ("delayed_nodule" in triggers(effect)) is late
    assert await lot_state(nurse, treated) == ("quarantined" if late else "available")
    assert await plan_state(nurse, treated) == ("on_hold" if late else "active")
    if late:
        assert stops(effect) == {
            ("plan", "delayed_nodule", "medical_director"),
            ("lot", "delayed_nodule", "medical_director"),
        }
        assert "look_back_90_days" in effect["escalation"]["tasks"]


async def test_drainage_counts_as_a_late_nodule_whatever_its_term(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_OTHER", term_text="Weeping spot", draining=True,
        started_at=on_day(8),
    )  # fmt: skip
    assert "delayed_nodule" in triggers(effect)
    assert effect["draining"] is True


async def test_an_allergy_of_grade_2_blocks_its_suspects_for_this_patient(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_ALLERGY", grade=2)
    blocked = {h["ingredient_code"] for h in effect["holds"] if h["scope"] == "ingredient"}
    assert blocked == {"BIOTIN", "DEXPANTHENOL"}, "nobody was named, so all of them are suspects"
    named = await make_effect(
        nurse, treated, code="AE_ANAPHYLAXIS", grade=4, suspect_ingredient_codes=["BIOTIN"]
    )
    for_good = [h for h in named["holds"] if h["permanent"]]
    assert [h["ingredient_code"] for h in for_good] == ["BIOTIN"]
    other = await make_active_plan(as_role, clinic)
    assert other["state"] == "active", "another patient's plan goes on"


async def test_patchy_or_lasting_shedding_stops_and_early_shedding_does_not(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(20))
    nurse = as_role("nurse")
    early: Answer = {"code": "AE_SHED_EARLY", "started_at": on_day(18)}
    diffuse = await make_effect(nurse, treated, **early, shedding={"pattern": "diffuse"})
    assert triggers(diffuse) == {"shedding_in_window"}
    assert diffuse["holds"] == []
    patchy = await follow_up(nurse, diffuse, shedding={"pattern": "patchy"})
    assert "patchy_or_scarring" in triggers(patchy)
    assert ("formula", "patchy_or_scarring", "medical_director") in stops(patchy)


async def test_a_follow_up_finds_what_only_time_has_made_worse(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(20))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_SHED_EARLY", started_at=on_day(18))
    clock.set(on_day(18 + 91))
    later = await follow_up(nurse, effect, text="Unchanged.")
    assert stops(later) == {("plan", "shedding_s3", "prescriber")}


@pytest.mark.parametrize(("days", "held"), [(90, False), (91, True)])
async def test_shedding_for_more_than_90_days_is_held(
    as_role: AsRole, treated: Answer, clock: FakeClock, days: int, held: bool
) -> None:
    clock.set(on_day(18 + days))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", started_at=on_day(18)
    )
    assert ("shedding_s3" in triggers(effect)) is held
    assert await plan_state(as_role("nurse"), treated) == ("on_hold" if held else "active")


async def test_the_same_term_after_the_same_lot_in_two_patients_quarantines_it(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    plan = await make_active_plan(as_role, clinic)
    second = await treat(as_role, clinic, clock, plan, treated["lot"], hour=11)
    clock.set(on_day(1))
    nurse = as_role("nurse")
    first = await make_effect(nurse, treated, code="AE_FOLLICULITIS")
    assert "lot_cluster" not in triggers(first)
    assert await lot_state(nurse, treated) == "available"
    again = await make_effect(nurse, second, code="AE_FOLLICULITIS")
    assert "lot_cluster" in triggers(again)
    assert await lot_state(nurse, treated) == "quarantined"


async def test_a_stricter_hold_is_opened_beside_a_milder_one(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, grade=2)
    worse = await follow_up(nurse, effect, grade=3)
    assert stops(worse) == {
        ("plan", "grade_2", "prescriber"),
        ("plan", "grade_3", "medical_director"),
    }
    path = f"/v1/plans/{treated['plan']['id']}"
    for hold in worse["holds"]:
        body = {"hold_id": hold["id"], "reason": "Looked at it."}
        refused = await move_on(as_role("practitioner"), path, "release", body)
        assert refused.status_code == 403, "grade 3 is for the medical director"


async def test_a_follow_up_may_open_holds_and_never_releases_one(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, grade=1, outcome="not_recovered")
    worse = await follow_up(nurse, effect, grade=2, action_taken="treated")
    assert stops(worse) == {("plan", "grade_2", "prescriber")}
    assert worse["version"] > effect["version"]
    assert worse["grade"] == 2
    assert (worse["first_report"]["grade"], worse["first_report"]["action_taken"]) == (1, None)

    better = await follow_up(nurse, effect, grade=1, outcome="recovered")
    assert better["grade"] == 1
    assert [each["released_at"] for each in better["holds"]] == [None]
    assert await plan_state(nurse, treated) == "on_hold"

    hold = {"hold_id": better["holds"][0]["id"], "reason": "Seen; the next session is agreed."}
    path = f"/v1/plans/{treated['plan']['id']}"
    judged = {"causality": "possible", "comment": "Fits."}
    await send(as_role("practitioner"), effect, "review", judged)
    assert (await move_on(as_role("practitioner"), path, "release", hold)).status_code == 200
    same = await follow_up(nurse, effect, text="Still well.")
    assert await plan_state(nurse, treated) == "active", "what a person released stays released"
    assert len(same["holds"]) == 1
    relapse = await follow_up(nurse, effect, grade=2, outcome="not_recovered")
    assert [each["released_at"] is None for each in relapse["holds"]] == [False, True]
    assert await plan_state(director, treated) == "on_hold"
    assert [each["grade"] for each in relapse["follow_ups"]] == [2, 1, None, 2]


async def test_a_follow_up_may_add_seriousness_and_suspects_only(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, suspect_ingredient_codes=["BIOTIN"])
    assert (effect["serious"], effect["report_due_on"]) == (False, "2026-06-01")
    worse = await follow_up(
        nurse,
        effect,
        seriousness=["hospitalisation"],
        suspect_ingredient_codes=["DEXPANTHENOL", "BIOTIN"],
        significant=True,
    )
    assert worse["seriousness"] == ["hospitalisation"]
    assert worse["suspect_ingredient_codes"] == ["BIOTIN", "DEXPANTHENOL"]
    assert worse["follow_ups"][0]["seriousness"] == ["hospitalisation"]
    assert worse["follow_ups"][0]["suspect_ingredient_codes"] == ["DEXPANTHENOL"]
    assert worse["first_report"]["seriousness"] == []
    assert worse["report_due_on"] == "2026-03-18", "15 days after day 0 once it is serious"
    assert "serious" in triggers(worse)


async def test_what_is_open_stands_in_the_way_of_the_next_booking(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, grade=2)
    path = f"/v1/plans/{treated['plan']['id']}"
    await send(director, effect, "review", {"causality": "possible", "comment": "Fits."})
    released = await move_on(
        director, path, "release", {"hold_id": effect["holds"][0]["id"], "reason": "Looked at."}
    )
    assert released.status_code == 200, released.text
    body = {
        "plan_id": treated["plan"]["id"], "starts_at": "2026-03-09T09:00:00Z",
        "duration_minutes": 30, "practitioner_id": treated["plan"]["practitioner_id"],
        "room_id": str(clinic.room_ids[0]),
    }  # fmt: skip
    refused = await nurse.post("/v1/sessions", json=body)
    assert refused.status_code == 409, refused.text
    assert "AE-HOLD-GRADE" in {each["code"] for each in refused.json()["findings"]}
    resolution = {"outcome": "recovered", "ended_at": "2026-03-03T09:00:00Z", "comment": "Gone."}
    assert (await send(director, effect, "resolve", resolution)).status_code == 200
    await book(nurse, treated["plan"], clinic, "2026-03-09T09:00:00Z")
