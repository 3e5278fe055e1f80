"""The rest of the escalation table: signals, targets, tasks, waiting times and pregnancy."""

import base64
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from api import audit
from api.security import system_caller
from models import Clinic, Closure, OpeningHours
from tests.clinic import START, FakeClock, SeededClinic
from tests.factories import made
from tests.factories_sessions import make_active_plan, make_lot, make_treatable_patient, move_on
from tests.factories_side_effects import (
    make_effect,
    make_treated_plan,
    match,
    on_day,
    send,
    treat,
)

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
WHY = {"reason": "Looked at; it may go on."}


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


async def tasks(client: httpx.AsyncClient, **query: Any) -> list[Answer]:
    answer = await client.get("/v1/worklists/tasks", params=query)
    assert answer.status_code == 200, answer.text
    items: list[Answer] = answer.json()["items"]
    return items


def triggers(effect: Answer) -> set[str]:
    return {each["trigger"] for each in effect["escalation"]["triggers"]}


async def lot_state(client: httpx.AsyncClient, lot: Answer) -> str:
    return str((await client.get(f"/v1/lots/{lot['id']}")).json()["state"])


async def test_a_cluster_quarantines_only_the_lot_that_the_patients_share(
    as_role: AsRole, clinic: SeededClinic, clock: FakeClock
) -> None:
    nurse = as_role("nurse")
    shared, own = await make_lot(nurse), await make_lot(nurse, lot_number="L-2")
    first = await treat(as_role, clinic, clock, await make_active_plan(as_role, clinic), shared)
    plan = await make_active_plan(as_role, clinic)
    second = await treat(as_role, clinic, clock, plan, shared, hour=11)
    clock.set(on_day(1))
    await make_effect(nurse, first, code="AE_FOLLICULITIS")
    again = await make_effect(nurse, second, code="AE_FOLLICULITIS", suspect_lot_ids=[own["id"]])
    assert "lot_cluster" in triggers(again)
    assert await lot_state(nurse, shared) == "quarantined"
    assert await lot_state(nurse, own) == "available"
    (signal,) = await tasks(nurse, cause="lot_cluster")
    assert (signal["lot_id"], signal["patient_id"]) == (shared["id"], None)
    assert "AE_FOLLICULITIS in 2 patients within 30 days after lot L-1" in signal["title"]
    assert (signal["for_role"], signal["severity"]) == ("medical_director", "block")
    assert signal["due_at"] == "2026-03-04T12:00:00Z"


@pytest.mark.parametrize(("days", "cluster"), [(30, True), (31, False)])
async def test_a_cluster_is_one_within_30_days(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock, days: int,
    cluster: bool,
) -> None:  # fmt: skip
    plan = await make_active_plan(as_role, clinic)
    second = await treat(as_role, clinic, clock, plan, treated["lot"], hour=11)
    nurse = as_role("nurse")
    clock.set(on_day(40))
    await make_effect(nurse, treated, code="AE_RASH", started_at=on_day(1))
    again = await make_effect(nurse, second, code="AE_RASH", started_at=on_day(1 + days))
    assert ("lot_cluster" in triggers(again)) is cluster


@pytest.mark.parametrize(("cases", "signal"), [(2, False), (3, True)])
async def test_three_cases_after_a_new_formula_are_a_signal(
    as_role: AsRole, treated: Answer, clock: FakeClock, cases: int, signal: bool
) -> None:
    clock.set(on_day(5))
    nurse = as_role("nurse")
    for _ in range(cases):
        last = await make_effect(nurse, treated, code="AE_ITCH")
    assert ("formula_signal" in triggers(last)) is signal
    found = await tasks(nurse, cause="formula_signal")
    assert len(found) == int(signal)
    if signal:
        assert "3 cases with 1 sessions in 30 days" in found[0]["title"]
        await make_effect(nurse, treated, code="AE_ITCH")
        assert len(await tasks(nurse, cause="formula_signal")) == 1, "it is there already"


async def write(app: Any, clinic: SeededClinic, rows: list[Any]) -> None:
    """Calendars, as no request writes them yet."""
    async with app.state.database.writing() as db:
        db.add_all(rows)
        caller = system_caller(await db.get(Clinic, clinic.id), START)
        audit.record(db, caller, "calendar.changed", rows[0])


async def test_a_target_in_working_days_skips_what_is_closed(
    app: Any, as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    nurse = as_role("nurse")
    clock.set(on_day(3) + timedelta(days=1))  # Friday 6 March
    friday = await make_effect(nurse, treated, grade=2)
    assert friday["holds"][0]["due_at"] == "2026-03-09T23:00:00Z", "the end of Monday in Paris"
    hours = [
        OpeningHours(clinic_id=clinic.id, weekday=day, opens_minute=540, closes_minute=720)
        for day in (2, 6)
    ]
    await write(app, clinic, hours)
    open_on_saturday = await make_effect(nurse, treated, grade=2)
    assert open_on_saturday["holds"][0]["due_at"] == "2026-03-07T23:00:00Z"
    saturday = date(2026, 3, 7)
    holiday = Closure(clinic_id=clinic.id, starts_on=saturday, ends_on=saturday, name="Fair")
    await write(app, clinic, [holiday])
    closed = await make_effect(nurse, treated, grade=2)
    assert closed["holds"][0]["due_at"] == "2026-03-10T23:00:00Z", "the end of Tuesday"


@pytest.mark.parametrize(("day", "released"), [(15, 409), (16, 200)])
async def test_an_infection_holds_until_14_days_after_its_end(
    as_role: AsRole, treated: Answer, clock: FakeClock, day: int, released: int
) -> None:
    clock.set(on_day(2))
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    effect = await make_effect(nurse, treated, code="AE_INFECTION", started_at=on_day(1))
    (hold,) = effect["holds"]
    assert (hold["reason_code"], hold["release_after_days"]) == ("infection", 14)
    path = f"/v1/holds/{hold['id']}"
    assert (await move_on(practitioner, path, "release", WHY)).status_code == 409, "not over"
    over = {"text": "Healed.", "outcome": "recovered", "ended_at": on_day(2).isoformat()}
    told = await nurse.post(f"/v1/side-effects/{effect['id']}/follow-ups", json=over)
    assert told.status_code == 201, told.text
    clock.set(on_day(day))
    answer = await move_on(practitioner, path, "release", WHY)
    assert answer.status_code == released, answer.text
    if released == 409:
        assert answer.json()["missing"] == ["waited"]
        assert (await move_on(as_role("medical_director"), path, "release", WHY)).is_success


async def test_the_tasks_of_a_report_wait_until_somebody_closes_them(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    director = as_role("medical_director")
    effect = await make_effect(nurse, treated, code="AE_GRANULOMA", started_at=on_day(7))
    (task,) = await tasks(nurse, side_effect_id=effect["id"])
    assert task["title"].endswith("culture mycobacteria, quarantine lots, look back 90 days.")
    assert (task["cause"], task["patient_id"]) == ("delayed_nodule", effect["patient_id"])
    assert await tasks(nurse, overdue=True) == []
    clock.set(on_day(10) + timedelta(seconds=1))
    assert [each["id"] for each in await tasks(nurse, overdue=True)] == [task["id"]]

    path = f"/v1/worklists/tasks/{task['id']}"
    note = {"note": "Cultures taken; six patients called."}
    assert (await practitioner.post(f"{path}/close", json=note)).status_code == 428
    assert (await move_on(practitioner, path, "close", note)).status_code == 403
    closed = await move_on(director, path, "close", note)
    assert closed.status_code == 200, closed.text
    assert (closed.json()["closed_because"], closed.json()["close_reason"]) == (
        "performed", note["note"],
    )  # fmt: skip
    assert await tasks(nurse) == []
    assert [each["id"] for each in await tasks(nurse, open=False)] == [task["id"]]
    assert (await move_on(director, path, "close", note)).status_code == 409
    assert await lot_state(nurse, treated["lot"]) == "quarantined", "a task releases nothing"


async def test_a_nurse_closes_what_the_table_leaves_to_nurses(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(30))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_ITCH", started_at=on_day(1))
    assert triggers(effect) == {"local_grade_1_overdue"}
    (task,) = await tasks(nurse)
    assert (task["for_role"], task["severity"]) == ("nurse", "warn")
    done = {"outcome": "not_needed", "note": "It was gone when we called."}
    closed = await move_on(nurse, f"/v1/worklists/tasks/{task['id']}", "close", done)
    assert closed.json()["closed_because"] == "dismissed"


async def test_the_tasks_of_a_report_in_error_leave_the_list(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, grade=3)
    assert len(await tasks(nurse)) == 1
    wrong = await send(director, effect, "entered-in-error", {"reason": "Another patient."})
    assert wrong.status_code == 200
    assert await tasks(nurse) == []
    assert [each["closed_because"] for each in await tasks(nurse, open=False)] == ["clean"]


async def woman_on_a_plan(as_role: AsRole, clinic: SeededClinic) -> Answer:
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner, given_name="Ada", sex="female")
    path = f"/v1/patients/{patient['id']}/pregnancy-statements"
    answers = {
        "stated_on": "2026-03-02", "childbearing_potential": True, "lactating": False,
        "pregnancy_status": "not_pregnant",
    }  # fmt: skip
    await made(practitioner, path, answers)
    return await make_active_plan(as_role, clinic, patient=patient)


@pytest.mark.parametrize(
    ("collection", "body"),
    [
        ("pregnancy-statements", {"stated_on": "2026-03-03", "pregnancy_status": "pregnant"}),
        (
            "pregnancy-statements",
            {
                "stated_on": "2026-03-03",
                "pregnancy_test_on": "2026-03-03",
                "pregnancy_test_result": "positive",
            },
        ),
        ("conditions", {"code": "PREGNANCY", "onset_on": "2026-02-20"}),
    ],
)
async def test_a_pregnancy_stops_the_plan_until_the_director_lets_it_go_on(
    as_role: AsRole, clinic: SeededClinic, clock: FakeClock, collection: str, body: Answer
) -> None:
    plan = await woman_on_a_plan(as_role, clinic)
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    records = f"/v1/patients/{plan['patient_id']}/{collection}"
    await made(nurse, records, body)
    path = f"/v1/plans/{plan['id']}"
    assert (await nurse.get(path)).json()["state"] == "on_hold"
    listed = await nurse.get("/v1/holds", params={"patient_id": plan["patient_id"]})
    (hold,) = listed.json()["items"]
    assert (hold["reason_code"], hold["plan_id"]) == ("pregnancy", plan["id"])
    assert hold["due_at"] == "2026-03-04T12:00:00Z"
    (task,) = await tasks(nurse, cause="pregnancy")
    assert task["patient_id"] == plan["patient_id"]
    assert "stop the plan (1 running)" in task["title"]

    own = f"/v1/holds/{hold['id']}"
    assert (await move_on(as_role("practitioner"), own, "release", WHY)).status_code == 403
    early = await move_on(director, own, "release", WHY)
    assert (early.status_code, early.json()["missing"]) == (409, ["plan_stopped"])
    assert (await move_on(director, path, "stop", WHY)).status_code == 200
    assert (await move_on(director, own, "release", WHY)).status_code == 200


async def test_a_pregnancy_that_is_known_already_opens_nothing_again(
    as_role: AsRole, clinic: SeededClinic, clock: FakeClock
) -> None:
    plan = await woman_on_a_plan(as_role, clinic)
    nurse = as_role("nurse")
    path = f"/v1/patients/{plan['patient_id']}/pregnancy-statements"
    for _ in range(2):
        await made(nurse, path, {"stated_on": "2026-03-02", "pregnancy_status": "pregnant"})
    listed = await nurse.get("/v1/holds", params={"patient_id": plan["patient_id"]})
    assert len(listed.json()["items"]) == 1
    assert len(await tasks(nurse)) == 1
    negative = {"stated_on": "2026-03-02", "pregnancy_status": "not_pregnant"}
    await made(nurse, path, negative)
    assert (await nurse.get(f"/v1/plans/{plan['id']}")).json()["state"] == "on_hold"


async def test_the_reports_page_is_safe_and_complete(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(
        as_role("nurse"), treated, description="<script>alert(1)</script> & more",
        seriousness=["hospitalisation"],
    )  # fmt: skip
    review = {"causality": "possible", "comment": "Timing fits."}
    await director.post(
        f"/v1/side-effects/{effect['id']}/review",
        json=review,
        headers=await match(director, effect),
    )
    path = f"/v1/side-effects/{effect['id']}/report"
    page = await director.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"] == "Accept"
    assert page.headers["cache-control"] == "no-store"
    text = page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text
    assert "<script" not in text
    assert "http" not in text, "it needs no other address"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert style_hash(text) in policy
    for words in ("Valid case", "L-1", "BIOTIN", "3.75 mg", "WHO-UMC possible", "hospitalisation",
                  "2026-03-03 13:00 Europe/Paris", "due 2026-03-18", "@media print"):  # fmt: skip
        assert words in text, words
    assert "Luc" not in text, "the patient is named by the record number only"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/html;q=0", "application/json"),
        ("text/html;q=rubbish", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json;q=0.2, text/html;q=0.9", "text/html; charset=utf-8"),
    ],
)
async def test_the_report_comes_as_the_client_prefers(
    as_role: AsRole, treated: Answer, clock: FakeClock, accept: str, kind: str
) -> None:
    effect = await make_effect(as_role("nurse"), treated, started_at="2026-03-02T09:25:00Z")
    path = f"/v1/side-effects/{effect['id']}/report"
    answer = await as_role("auditor").get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert (await as_role("receptionist").get(path)).status_code == 403


def style_hash(page: str) -> str:
    """The hash of the page's style, as its policy must name it."""
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'"
