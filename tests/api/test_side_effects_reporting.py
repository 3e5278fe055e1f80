"""By when a case is to be reported, what settles that, and what waits on the worklist."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_side_effects import make_effect, make_treated_plan, match, on_day
from tests.queries import counted_queries

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
SENT = {
    "recipient_kind": "authority",
    "recipient": "National medicines agency",
    "jurisdiction": "FR",
    "reference": "PV-2026-00417",
    "method": "portal",
}
SERIOUS: Answer = {"seriousness": ["hospitalisation"]}


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


async def submit(client: httpx.AsyncClient, effect: Answer, **body: Any) -> httpx.Response:
    path = f"/v1/side-effects/{effect['id']}/submissions"
    return await client.post(path, json=body or SENT)


async def read(client: httpx.AsyncClient, effect: Answer) -> Answer:
    shown: Answer = (await client.get(f"/v1/side-effects/{effect['id']}")).json()
    return shown


async def due(client: httpx.AsyncClient, **query: Any) -> list[Answer]:
    answer = await client.get("/v1/worklists/reports", params=query)
    assert answer.status_code == 200, answer.text
    items: list[Answer] = answer.json()["items"]
    return items


async def follow_up(client: httpx.AsyncClient, effect: Answer, **body: Any) -> Answer:
    path = f"/v1/side-effects/{effect['id']}/follow-ups"
    answer = await client.post(path, json={"text": "More is known."} | body)
    assert answer.status_code == 201, answer.text
    shown: Answer = answer.json()
    return shown


@pytest.mark.parametrize(
    ("over", "code", "due_on"),
    [
        ({}, "non_serious", "2026-06-01"),
        (SERIOUS, "serious", "2026-03-18"),
        ({"seriousness": ["life_threatening"]}, "fatal_or_life_threatening", "2026-03-10"),
        ({"grade": 4}, "fatal_or_life_threatening", "2026-03-10"),
    ],
)
async def test_the_clock_runs_from_the_day_on_which_all_four_criteria_are_known(
    as_role: AsRole, treated: Answer, clock: FakeClock, over: Answer, code: str, due_on: str
) -> None:
    clock.set(on_day(1))
    effect = await make_effect(as_role("nurse"), treated, **over)
    (running,) = effect["clocks"]
    assert (running["code"], running["started_on"]) == (code, "2026-03-03")
    assert (running["due_on"], running["settled_at"]) == (due_on, None)
    assert effect["report_due_on"] == due_on
    (item,) = await due(as_role("nurse"))
    assert (item["side_effect_id"], item["due_on"]) == (effect["id"], due_on)
    assert (item["clock"], item["id"]) == (code, running["id"])


async def test_no_clock_runs_for_a_case_that_lacks_a_criterion_until_it_is_known(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    before = f"{on_day(-3):%Y-%m-%d}"
    effect = await make_effect(nurse, treated, **SERIOUS, started_at=None, first_noticed_on=before)
    assert (effect["session_id"], effect["clocks"], effect["day0_on"]) == (None, [], None)
    clock.set(on_day(4))
    known = await follow_up(nurse, effect, suspect_ingredient_codes=["BIOTIN"])
    assert known["day0_on"] == "2026-03-06"
    assert [(c["started_on"], c["due_on"]) for c in known["clocks"]] == [
        ("2026-03-06", "2026-03-21")
    ]


@pytest.mark.parametrize(("day", "late"), [(16, False), (17, True)])
async def test_after_the_due_day_a_submission_needs_a_reason(
    as_role: AsRole, treated: Answer, clock: FakeClock, day: int, late: bool
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated, **SERIOUS)
    clock.set(on_day(day))
    assert [each["overdue"] for each in await due(director)] == [late]
    assert len(await due(director, overdue=True)) == int(late)
    answer = await submit(director, effect)
    if late:
        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/late_because"]
        answer = await submit(director, effect, **SENT, late_because="The lot was found late.")
    assert answer.status_code == 201, answer.text
    sent = answer.json()
    assert sent["submission"]["due_on"] == "2026-03-18"
    assert [each["code"] for each in sent["settled"]] == ["serious"]
    shown = await read(director, effect)
    assert shown["submissions"] == [sent["submission"]]
    assert shown["clocks"][0]["submission_id"] == sent["submission"]["id"]
    assert await due(director) == []
    clocked = [f for f in sent["findings"] if f["code"] == "AE-REPORT-CLOCK"]
    active = (await director.get("/v1/rules/AE-REPORT-CLOCK")).json()["active"]
    assert len(clocked) == int(late and active)


async def test_a_worse_case_is_due_sooner_and_never_later(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, **SERIOUS)
    clock.set(on_day(3))
    worse = await follow_up(nurse, effect, grade=4)
    assert [(c["code"], c["due_on"]) for c in worse["clocks"]] == [
        ("fatal_or_life_threatening", "2026-03-10")
    ]
    milder = await follow_up(nurse, effect, grade=1)
    assert milder["report_due_on"] == "2026-03-10"


@pytest.mark.parametrize(
    ("news", "clocks"),
    [
        ({"significant": False}, []),
        ({"significant": True}, [("follow_up", "2026-03-27")]),
        ({"grade": 4}, [("fatal_or_life_threatening", "2026-03-19")]),
    ],
)
async def test_significant_news_after_the_report_starts_a_clock_of_its_own(
    as_role: AsRole, treated: Answer, clock: FakeClock, news: Answer, clocks: list[Any]
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, **SERIOUS)
    assert (await submit(director, effect)).status_code == 201
    clock.set(on_day(10))
    told = await follow_up(nurse, effect, **news)
    assert [(c["code"], c["due_on"]) for c in told["clocks"][1:]] == clocks
    assert [c["follow_up_id"] for c in told["clocks"][1:]] == [
        told["follow_ups"][0]["id"] for _ in clocks
    ]
    assert [each["due_on"] for each in await due(nurse)] == [day for _, day in clocks]


async def test_a_device_has_a_clock_of_its_own_that_is_answered_by_name(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, **SERIOUS, device_incident="public_health")
    assert effect["device_incident"] == "public_health"
    assert [(c["clock"], c["due_on"]) for c in await due(nurse)] == [
        ("device_public_health", "2026-03-05"),
        ("serious", "2026-03-18"),
    ]
    assert effect["report_due_on"] == "2026-03-05"
    unknown = await submit(director, effect, **SENT, clock="device_death")
    assert unknown.json()["errors"][0]["pointer"] == "/clock"
    named = await submit(director, effect, **SENT, clock="device_public_health")
    assert [c["code"] for c in named.json()["settled"]] == ["device_public_health"]
    assert [c["clock"] for c in await due(nurse)] == ["serious"]
    assert (await read(nurse, effect))["report_due_on"] == "2026-03-18"


async def test_that_no_report_is_required_is_a_judgement_with_a_reason(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    mild = await make_effect(nurse, treated)
    waived = {"decision": "not_required", "comment": "Known, mild, voluntary here."}
    bare = await submit(practitioner, mild, decision="not_required")
    assert [e["pointer"] for e in bare.json()["errors"]] == ["/comment"]
    both = await submit(practitioner, mild, **waived, **SENT)
    assert {e["pointer"] for e in both.json()["errors"]} == {"/recipient", "/recipient_kind"}
    assert (await submit(nurse, mild, **waived)).status_code == 403
    assert (await submit(practitioner, mild, **waived)).status_code == 201
    serious = await make_effect(nurse, treated, **SERIOUS)
    assert (await submit(practitioner, serious, **waived)).status_code == 403
    assert (await submit(as_role("medical_director"), serious, **waived)).status_code == 201
    assert await due(nurse) == []


async def test_a_submission_names_its_recipient_and_a_day_that_can_be(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated, started_at=on_day(2))
    nobody = await submit(director, effect, method="phone")
    assert [e["pointer"] for e in nobody.json()["errors"]] == ["/recipient_kind", "/recipient"]
    for day, status in (("2026-03-03", 422), ("2026-03-04", 201), ("2026-03-06", 422)):
        answer = await submit(director, effect, **SENT, submitted_on=day)
        assert answer.status_code == status, (day, answer.text)
    refused = await submit(director, effect, **{**SENT, "jurisdiction": "fr"})
    assert refused.json()["errors"][0]["pointer"] == "/jurisdiction"


async def test_a_submission_in_error_lets_its_clocks_run_again(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated, **SERIOUS)
    sent = (await submit(director, effect)).json()["submission"]
    path = f"/v1/side-effects/{effect['id']}/submissions/{sent['id']}/entered-in-error"
    why = {"reason": "It was never sent."}
    assert (await director.post(path, json=why)).status_code == 428
    wrong = await director.post(path, json=why, headers=await match(director, effect))
    assert wrong.status_code == 200, wrong.text
    assert wrong.json()["submissions"][0]["entered_in_error_reason"] == why["reason"]
    assert [each["side_effect_id"] for each in await due(director)] == [effect["id"]]
    again = await director.post(path, json=why, headers=await match(director, effect))
    assert again.status_code == 409


async def test_a_side_effect_in_error_waits_for_no_report(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated)
    path = f"/v1/side-effects/{effect['id']}/entered-in-error"
    body = {"reason": "Another patient."}
    wrong = await director.post(path, json=body, headers=await match(director, effect))
    assert wrong.status_code == 200
    assert wrong.json()["clocks"][0]["settled_because"] == "The side effect was entered in error."
    assert await due(director) == []
    assert (await submit(director, effect)).status_code == 409


async def test_the_worklist_shows_what_is_due_first_in_few_queries(
    app: Any, as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    mild = await make_effect(nurse, treated)
    with counted_queries(app) as one:
        assert len(await due(nurse)) == 1
    serious = await make_effect(nurse, treated, **SERIOUS)
    urgent = await make_effect(nurse, treated, grade=4)
    with counted_queries(app) as three:
        items = await due(nurse)
    assert len(one) == len(three)
    assert [i["side_effect_id"] for i in items] == [urgent["id"], serious["id"], mild["id"]]
    assert [i["days_left"] for i in items] == [7, 15, 90]
    page = (await nurse.get("/v1/worklists/reports", params={"limit": 2})).json()
    rest = await due(nurse, limit=2, cursor=page["next_cursor"])
    assert [i["id"] for i in page["items"] + rest] == [i["id"] for i in items]
    assert [i["id"] for i in await due(nurse, clock="serious")] == [items[1]["id"]]
    assert len(await due(nurse, due_before="2026-03-18")) == 1
    assert len(await due(nurse, due_before="2026-03-19")) == 2
