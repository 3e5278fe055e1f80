"""A hold is released when the records show what the escalation table asks for, and not before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made
from tests.factories_sessions import make_active_plan, make_treatable_patient, move_on, moved
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send, treat

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
WHY = {"reason": "Looked at; the next session is agreed."}
JUDGED = {"causality": "possible", "comment": "Timing fits."}


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


Step = Callable[[AsRole, Answer], Awaitable[None]]


def reviewed_by(role: str) -> Step:
    async def step(as_role: AsRole, effect: Answer) -> None:
        answer = await send(as_role(role), effect, "review", JUDGED)
        assert answer.status_code == 200, answer.text

    return step


def result(kind: str, came: str, note: str | None = None) -> Step:
    async def step(as_role: AsRole, effect: Answer) -> None:
        results = [{"kind": kind, "result": came, "on": "2026-06-20", "note": note}]
        body = {"text": "A result is back.", "results": results}
        await made(as_role("nurse"), f"/v1/side-effects/{effect['id']}/follow-ups", body)

    return step


async def resolved(as_role: AsRole, effect: Answer) -> None:
    await reviewed_by("practitioner")(as_role, effect)
    ending = {"outcome": "recovered", "ended_at": on_day(5).isoformat(), "comment": "Gone."}
    answer = await send(as_role("practitioner"), effect, "resolve", ending)
    assert answer.status_code == 200, answer.text


async def refuted(as_role: AsRole, effect: Answer) -> None:
    path = f"/v1/patients/{effect['patient_id']}/allergies"
    body = {"ingredient_code": "BIOTIN", "severity": "unknown", "status": "refuted"}
    await made(as_role("practitioner"), path, body)


async def stopped(as_role: AsRole, effect: Answer) -> None:
    path = f"/v1/plans/{effect['plan_id']}"
    await moved(as_role("medical_director"), path, "stop", {"reason": "Anaphylaxis."})


@dataclass(frozen=True)
class Row:
    """One row of the table: what opens its hold, what is missing at first, what is done then.

    not_enough: what brings it nearer and still does not meet it, with what is missing after.
    """

    trigger: str
    report: Answer
    who: str
    missing: tuple[str, ...]
    then: tuple[Step, ...]
    not_enough: tuple[tuple[Step, tuple[str, ...]], ...] = field(default=())
    scope: str = "plan"


_OPINION = result("specialist_opinion", "done", "Dermatology: non-scarring.")
_LOOKED = result("look_back", "done", "All 3 patients called; nobody else affected.")
_CULTURE, _BACK = "culture_negative", "look_back_done"
ROWS = (
    Row("grade_2", {"grade": 2}, "practitioner", ("resolved_or_reviewed",),
        (reviewed_by("practitioner"),)),
    Row("grade_2", {"grade": 2}, "practitioner", ("resolved_or_reviewed",), (resolved,)),
    Row("grade_3", {"grade": 3}, "medical_director", ("reviewed_by_director",),
        (reviewed_by("medical_director"),)),
    Row("serious", {"seriousness": ["hospitalisation"]}, "medical_director",
        ("reviewed_by_director",), (reviewed_by("medical_director"),),
        ((reviewed_by("practitioner"), ("reviewed_by_director",)),)),
    Row("serious", {"seriousness": ["hospitalisation"]}, "medical_director",
        ("reviewed_by_director",), (reviewed_by("medical_director"),), scope="lot"),
    Row("shedding_s3", {"code": "AE_SHED_EARLY", "started_at": on_day(18)}, "practitioner",
        ("reviewed",), (reviewed_by("practitioner"),)),
    Row("patchy_or_scarring", {"code": "AE_ALOPECIA_PATCH"}, "medical_director",
        ("reviewed_by_director", "specialist_opinion"), (_OPINION,),
        ((reviewed_by("medical_director"), ("specialist_opinion",)),), "formula"),
    Row("delayed_nodule", {"code": "AE_GRANULOMA", "started_at": on_day(7)}, "medical_director",
        (_CULTURE, _BACK), (result("culture_mycobacteria", "negative"),),
        ((result("culture", "negative"), (_CULTURE, _BACK)),
         (_LOOKED, (_CULTURE,)),
         (result("culture_mycobacteria", "negative"), ()),
         (result("culture_mycobacteria", "positive"), (_CULTURE,)),
         (result("culture_mycobacteria", "inconclusive"), (_CULTURE,)))),
    Row("allergy_grade_2",
        {"code": "AE_ALLERGY", "grade": 2, "suspect_ingredient_codes": ["BIOTIN"]},
        "practitioner", ("tested_negative",), (refuted,), scope="ingredient"),
    Row("anaphylaxis_or_last",
        {"code": "AE_ANAPHYLAXIS", "grade": 3, "suspect_ingredient_codes": ["BIOTIN"]},
        "medical_director", ("suspects_out",), (stopped,)),
    Row("anaphylaxis_or_last",
        {"code": "AE_ANAPHYLAXIS", "grade": 3, "suspect_ingredient_codes": ["BIOTIN"]},
        "medical_director", ("tested_negative",), (refuted,), ((stopped, ("tested_negative",)),),
        "ingredient"),
)  # fmt: skip


async def asked(client: httpx.AsyncClient, hold_id: str) -> tuple[str, ...]:
    """What the hold's own address says is not met in the records."""
    shown = await client.get(f"/v1/holds/{hold_id}")
    assert shown.status_code == 200, shown.text
    criteria = shown.json()["criteria"]
    assert all(each["words"] and each["because"] for each in criteria)
    return tuple(each["code"] for each in criteria if not (each["met"] or each["by_person"]))


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row.trigger}-{row.scope}-{row.then[-1].__name__}"
)
async def test_what_the_table_asks_for_is_on_record_before_the_release(
    as_role: AsRole, treated: Answer, clock: FakeClock, row: Row
) -> None:
    clock.set(on_day(18 + 92))
    report: Answer = {"started_at": on_day(2), "areas": ["SCALP_FRONTAL"]} | row.report
    effect = await make_effect(as_role("nurse"), treated, **report)
    (hold_id,) = [
        each["id"]
        for each in effect["holds"]
        if (each["reason_code"], each["scope"]) == (row.trigger, row.scope)
    ]
    person, path = as_role(row.who), f"/v1/holds/{hold_id}"
    for step, missing in ((None, row.missing), *row.not_enough):
        if step is not None:
            await step(as_role, effect)
        assert await asked(person, hold_id) == missing
        if missing:
            refused = await move_on(person, path, "release", WHY)
            assert refused.status_code == 409, refused.text
            problem = refused.json()
            assert problem["type"] == "/problems/release-criteria-not-met"
            assert (tuple(problem["missing"]), bool(problem["detail"])) == (missing, True)
            assert (await person.get(path)).json()["released_at"] is None
    for last in row.then:
        await last(as_role, effect)
    assert await asked(person, hold_id) == ()
    released = await move_on(person, path, "release", WHY)
    assert released.status_code == 200, released.text
    assert all(each["met"] for each in released.json()["criteria"])


async def test_a_review_from_before_the_hold_does_not_count(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    effect = await make_effect(as_role("nurse"), treated, grade=1)
    await reviewed_by("medical_director")(as_role, effect)
    clock.advance(hours=1)
    worse = {"text": "Much worse.", "grade": 3}
    path = f"/v1/side-effects/{effect['id']}"
    now = await made(as_role("nurse"), f"{path}/follow-ups", worse)
    (hold,) = now["holds"]
    director = as_role("medical_director")
    assert await asked(director, hold["id"]) == ("reviewed_by_director",)
    clock.advance(hours=1)
    await reviewed_by("medical_director")(as_role, effect)
    assert await asked(director, hold["id"]) == ()


async def test_what_is_serious_only_after_its_end_is_still_reviewed(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(6))
    effect = await make_effect(as_role("nurse"), treated, grade=1)
    await resolved(as_role, effect)
    clock.advance(hours=1)
    late = {"text": "She was in hospital for it.", "seriousness": ["hospitalisation"]}
    path = f"/v1/side-effects/{effect['id']}"
    now = await made(as_role("nurse"), f"{path}/follow-ups", late)
    hold = next(each for each in now["holds"] if each["scope"] == "plan")
    director = as_role("medical_director")
    assert await asked(director, hold["id"]) == ("reviewed_by_director",)
    await reviewed_by("medical_director")(as_role, effect)
    assert (await director.get(path)).json()["state"] == "resolved"
    assert (await move_on(director, f"/v1/holds/{hold['id']}", "release", WHY)).is_success


async def test_a_report_in_error_leaves_nothing_to_wait_for(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    nurse, director = as_role("nurse"), as_role("medical_director")
    report: Answer = {"code": "AE_GRANULOMA", "started_at": on_day(8)}
    effect = await make_effect(nurse, treated, **report)
    hold_id = effect["holds"][0]["id"]
    assert await asked(director, hold_id) == ("culture_negative", "look_back_done")
    wrong = {"reason": "Reported for another patient."}
    assert (await send(director, effect, "entered-in-error", wrong)).status_code == 200
    assert await asked(director, hold_id) == ()
    assert (await move_on(as_role("practitioner"), f"/v1/holds/{hold_id}", "release", WHY)
            ).status_code == 403  # fmt: skip
    assert (await move_on(director, f"/v1/holds/{hold_id}", "release", WHY)).status_code == 200


async def test_an_infection_of_grade_2_waits_for_its_fourteen_days_as_well(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    effect = await make_effect(as_role("nurse"), treated, code="AE_INFECTION", grade=2)
    by_reason = {each["reason_code"]: each["id"] for each in effect["holds"]}
    assert set(by_reason) == {"grade_2", "infection"}
    practitioner = as_role("practitioner")
    await reviewed_by("practitioner")(as_role, effect)
    assert await asked(practitioner, by_reason["grade_2"]) == ()
    assert await asked(practitioner, by_reason["infection"]) == ("waited",)
    (waits,) = (await practitioner.get(f"/v1/holds/{by_reason['infection']}")).json()["criteria"]
    assert waits["waivable"], "the medical director may release it earlier"


async def test_a_cluster_waits_for_its_signal_to_be_assessed(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    plan = await make_active_plan(as_role, clinic)
    second = await treat(as_role, clinic, clock, plan, treated["lot"], hour=11)
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    await make_effect(nurse, treated, code="AE_FOLLICULITIS")
    again = await make_effect(nurse, second, code="AE_FOLLICULITIS")
    hold = next(each for each in again["holds"] if each["reason_code"] == "lot_cluster")
    assert await asked(director, hold["id"]) == ("signal_assessed",)
    lot = f"/v1/lots/{treated['lot']['id']}"
    refused = await move_on(director, lot, "release", WHY)
    assert refused.json()["type"] == "/problems/release-criteria-not-met"
    listed = await director.get("/v1/worklists/tasks", params={"cause": "lot_cluster"})
    (task,) = listed.json()["items"]
    done = {"outcome": "done", "note": "Sterility test of the lot is clean."}
    await moved(director, f"/v1/worklists/tasks/{task['id']}", "close", done)
    assert await asked(director, hold["id"]) == ()
    assert (await move_on(director, lot, "release", WHY)).json()["state"] == "available"


async def test_what_a_person_asked_for_is_theirs_to_say(
    as_role: AsRole, clinic: SeededClinic
) -> None:
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    body = {"scope": "patient", "patient_id": patient["id"], "reason": "Ferritin is awaited.",
            "release_criteria": "Ferritin is back."}  # fmt: skip
    hold = await made(practitioner, "/v1/holds", body)
    (criterion,) = hold["criteria"]
    assert (criterion["words"], criterion["met"]) == ("Ferritin is back.", False)
    assert (criterion["by_person"], criterion["code"]) == (True, "as_written")
    said = {"reason": "Ferritin 62 µg/L."}
    released = await moved(practitioner, f"/v1/holds/{hold['id']}", "release", said)
    assert (released["criteria"][0]["met"], released["criteria"][0]["because"]) == (
        True,
        "Ferritin 62 µg/L.",
    )
    at_desk = await as_role("receptionist").get(f"/v1/holds/{hold['id']}")
    assert (at_desk.status_code, at_desk.json()["criteria"]) == (200, None)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"kind": "culture", "result": "done", "note": "Taken."}, "/results/0/result"),
        ({"kind": "look_back", "result": "negative", "note": "Nobody."}, "/results/0/result"),
        ({"kind": "specialist_opinion", "result": "done"}, "/results/0/note"),
        ({"kind": "biopsy", "result": "negative", "on": "2026-03-12"}, "/results/0/on"),
        ({"kind": "biopsy", "result": "negative", "on": "2026-03-01"}, "/results/0/on"),
    ],
)
async def test_a_result_that_cannot_be_is_refused(
    as_role: AsRole, treated: Answer, clock: FakeClock, wrong: Answer, pointer: str
) -> None:
    clock.set(on_day(9))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated)
    path = f"/v1/side-effects/{effect['id']}"
    body = {"text": "A result.", "results": [{"on": "2026-03-10"} | wrong]}
    refused = await nurse.post(f"{path}/follow-ups", json=body)
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    assert (await nurse.get(path)).json()["follow_ups"] == []
    right = {"kind": "biopsy", "result": "negative", "on": "2026-03-11", "note": None}
    await made(nurse, f"{path}/follow-ups", {"text": "A result.", "results": [right]})
    assert (await nurse.get(path)).json()["follow_ups"][0]["results"] == [right]
