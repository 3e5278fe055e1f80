"""Side effects in lists, their case report, the catalogue, and what the log keeps of them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import col, select

from models import AuditEvent
from tests.clinic import FakeClock, SeededClinic
from tests.factories_side_effects import effect_body, make_effect, make_treated_plan, on_day, send

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026."""
    return await make_treated_plan(as_role, clinic, clock)


async def listed(client: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/v1/side-effects{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_the_list_filters_and_pages(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    nurse = as_role("nurse")
    ids = []
    for day, (code, grade) in enumerate([("AE_HEADACHE", 1), ("AE_BRUISE", 2), ("AE_ITCH", 3)]):
        clock.set(on_day(day))
        ids.append((await make_effect(nurse, treated, code=code, grade=grade))["id"])
    newest = ids[::-1]
    assert await listed(nurse) == newest
    assert await listed(nurse, "?grade_min=2") == newest[:2]
    assert await listed(nurse, "?grade_min=4") == []
    assert await listed(nurse, "?code=AE_BRUISE") == [ids[1]]
    assert await listed(nurse, f"?patient_id={treated['plan']['patient_id']}") == newest
    assert await listed(nurse, f"?plan_id={treated['plan']['id']}&grade_min=3") == [ids[2]]
    assert await listed(nurse, f"?session_id={treated['plan']['id']}") == []
    assert await listed(nurse, "?state=resolved") == []
    assert await listed(as_role("other:nurse")) == []
    seen, path = [], "/v1/side-effects?limit=2&with_total=true"
    while path:
        answer = await nurse.get(path)
        assert answer.json()["total"] == 3
        seen += [each["id"] for each in answer.json()["items"]]
        path = answer.links["next"]["url"] if answer.json()["next_cursor"] else ""
    assert seen == newest
    assert (await nurse.get("/v1/side-effects?grade=2")).status_code == 422
    assert (await nurse.get("/v1/side-effects?state=closed")).status_code == 422


@pytest.mark.parametrize(
    ("code", "began", "last"),
    [("AE_HEADACHE", 0, 2), ("AE_BRUISE", 1, 14), ("AE_SHED_EARLY", 8, 98)],
)
async def test_overdue_begins_the_day_after_the_expected_end(
    as_role: AsRole, treated: Answer, clock: FakeClock, code: str, began: int, last: int
) -> None:
    """Headache 2 and bruising 14 days after the session, early shedding 90 after its onset."""
    clock.set(on_day(began))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code=code, started_at=on_day(began))
    path = f"/v1/side-effects/{effect['id']}"
    clock.set(on_day(last))
    assert await listed(nurse, "?overdue=true") == []
    assert await listed(nurse, "?overdue=false") == [effect["id"]]
    assert (await nurse.get(path)).json()["overdue"] is False
    clock.set(on_day(last + 1))
    assert await listed(nurse, "?overdue=true") == [effect["id"]]
    assert await listed(nurse, "?overdue=false") == []
    assert (await nurse.get(path)).json()["overdue"] is True
    ended = {"text": "Over.", "ended_at": on_day(last + 1).isoformat()}
    over = (await nurse.post(f"{path}/follow-ups", json=ended)).json()
    assert over["expected"] is False, "it lasted longer than the catalogue leads one to expect"
    assert await listed(nurse, "?overdue=true") == []


async def test_what_has_no_usual_end_is_never_overdue(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(9))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_ALOPECIA_PATCH", started_at=on_day(8))
    assert effect["expected_end_on"] is None
    clock.set(on_day(700))
    assert await listed(nurse, "?overdue=true") == []


async def test_a_case_report_has_what_was_given_and_is_valid(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    effect = await make_effect(
        as_role("nurse"), treated, seriousness=["life_threatening"], grade=4,
        suspect_ingredient_codes=["BIOTIN", "LIDOCAINE"],
    )  # fmt: skip
    assert (effect["day0_on"], effect["report_due_on"]) == ("2026-03-03", "2026-03-10")
    answer = await as_role("auditor").get(f"/v1/side-effects/{effect['id']}/report")
    assert answer.status_code == 200, answer.text
    case = answer.json()
    assert (case["valid"], case["missing"]) == (True, [])
    assert {name: each["met"] for name, each in case["minimum_criteria"].items()} == {
        "patient": True, "reporter": True, "suspect_product": True, "event": True,
    }  # fmt: skip
    assert case["performed_on"] == "2026-03-02"
    assert case["areas_treated"] == ["SCALP_FRONTAL"]
    assert [(p["ingredient_code"], p["dose"], p["named"]) for p in case["suspect_products"]] == [
        ("BIOTIN", "3.75", True), ("DEXPANTHENOL", "187.5", False), ("LIDOCAINE", None, True),
    ]  # fmt: skip
    assert [each["lot_number"] for each in case["suspect_lots"]] == ["L-1"]
    assert case["patient_age_years"] == 36
    assert case["ctcae_terms"] == ["Headache"]
    assert case["side_effect"]["id"] == effect["id"]


async def test_a_case_without_suspect_says_what_is_missing_until_it_is_known(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, started_at="2026-02-20T08:00:00Z")
    assert (effect["session_id"], effect["expected"], effect["day0_on"]) == (None, None, None)
    path = f"/v1/side-effects/{effect['id']}"
    case = (await nurse.get(f"{path}/report")).json()
    assert (case["valid"], case["missing"]) == (False, ["suspect_product"])
    assert case["minimum_criteria"]["suspect_product"]["missing"]
    assert (case["suspect_products"], case["suspect_lots"]) == ([], [])
    clock.set(on_day(5))
    told = {"text": "It was the biotin.", "suspect_ingredient_codes": ["BIOTIN"]}
    known = (await nurse.post(f"{path}/follow-ups", json=told)).json()
    assert known["day0_on"] == "2026-03-07"
    assert (await nurse.get(f"{path}/report")).json()["valid"] is True


async def test_an_unattributed_effect_holds_every_running_plan(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    effect = await make_effect(
        as_role("nurse"), treated, started_at="2026-02-20T08:00:00Z", grade=2
    )
    assert [each["plan_id"] for each in effect["holds"]] == [treated["plan"]["id"]]


async def test_the_catalogue_has_every_term_with_source_and_warning(as_role: AsRole) -> None:
    answer = await as_role("receptionist").get("/v1/side-effects/catalogue")
    assert answer.status_code == 200
    known = answer.json()
    assert "medical director" in known["note"]
    items = {each["code"]: each for each in known["items"]}
    assert len(items) == 37
    assert all(each["source"] and each["evidence"] for each in known["items"])
    shed = items["AE_SHED_EARLY"]
    assert (shed["onset_from_days"], shed["onset_to_days"], shed["end_days"]) == (7, 56, 90)
    assert shed["end_counted_from"] == "onset"
    assert "unknown for mesotherapy" in shed["frequency"]
    assert items["AE_PAIN"]["red_flag"] == "worse after 72 h → inspect"


async def test_each_step_leaves_its_record(
    as_role: AsRole, app: FastAPI, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(director, treated, grade=2)
    await director.post(f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "Same."})
    await send(director, effect, "review", {"causality": "possible", "comment": "Fits."})
    await send(director, effect, "entered-in-error", {"reason": "Another patient's."})
    async with app.state.database.reading() as db:
        own = select(AuditEvent).where(AuditEvent.clinic_id == clinic.id)
        events = list(await db.exec(own.order_by(col(AuditEvent.seq))))
    actions = [each.action for each in events if str(each.resource_id) == effect["id"]]
    assert actions == [
        "side_effect.reported",
        "side_effect.followed_up",
        "side_effect.reviewed",
        "side_effect.entered_in_error",
    ]
    opened = [each for each in events if each.action == "hold.opened"]
    assert len(opened) == 1
    assert str(opened[0].patient_id) == treated["plan"]["patient_id"]


async def test_a_page_costs_the_same_number_of_queries_however_long(
    as_role: AsRole, app: FastAPI, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    counted: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    async def queries() -> int:
        counted.clear()
        event.listen(app.state.database.engine.sync_engine, "before_cursor_execute", count)
        await listed(nurse)
        event.remove(app.state.database.engine.sync_engine, "before_cursor_execute", count)
        return len(counted)

    await make_effect(nurse, treated)
    few = await queries()
    for _ in range(8):
        body = effect_body(treated)
        assert (await nurse.post("/v1/side-effects", json=body)).status_code == 201
    assert await queries() == few
