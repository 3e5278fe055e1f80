"""Side effects over HTTP: reporting, expectedness, who may do what, and the way to resolution."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import make_patient
from tests.factories_side_effects import (
    PERFORMED_ON,
    effect_body,
    make_effect,
    make_treated_plan,
    match,
    on_day,
    send,
)

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026."""
    return await make_treated_plan(as_role, clinic, clock)


async def test_a_report_is_tied_to_the_latest_performed_session(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(20))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_SHED_EARLY", started_at=on_day(18))
    assert effect["session_id"] == treated["session"]["id"]
    assert effect["plan_id"] == treated["plan"]["id"]
    assert effect["days_since_session"] == 18
    assert effect["expected"] is True
    assert "day 7 to 56" in effect["expected_because"]
    assert effect["expected_end_on"] == "2026-06-18"
    assert (effect["grade_scale"], effect["grade_scale_version"]) == ("CTCAE", "5.0")
    assert effect["state"] == "open"
    assert effect["holds"] == []
    assert effect["escalation"]["effect"] == "none"

    answer = await nurse.get(f"/v1/side-effects/{effect['id']}")
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{effect["version"]}"'
    known = answer.json()
    assert known == {key: effect[key] for key in known}


@pytest.mark.parametrize(("day", "expected"), [(6, False), (7, True), (56, True), (57, False)])
async def test_onset_windows_hold_at_their_edges(
    as_role: AsRole, treated: Answer, clock: FakeClock, day: int, expected: bool
) -> None:
    clock.set(on_day(day))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", started_at=on_day(day)
    )
    assert (effect["days_since_session"], effect["expected"]) == (day, expected)


async def test_days_are_those_of_the_clinics_wall_calendar(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    """23:30 UTC on 29 March is 01:30 on the 30th in Paris, where clocks had just changed."""
    clock.set(on_day(40))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", started_at="2026-03-29T23:30:00Z"
    )
    assert effect["onset_on"] == "2026-03-30"
    assert effect["days_since_session"] == 28


async def test_an_onset_before_the_session_of_that_day_is_not_tied_to_it(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    body = effect_body(treated, started_at=f"{PERFORMED_ON}T06:00:00Z", code="AE_HEADACHE")
    effect = (await as_role("nurse").post("/v1/side-effects", json=body)).json()
    assert effect["session_id"] is None
    assert effect["days_since_session"] is None
    assert effect["expected"] is None
    assert effect["expected_because"]


async def test_an_unknown_onset_counts_from_the_day_it_was_noticed(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(12))
    effect = await make_effect(
        as_role("nurse"), treated, started_at=None, first_noticed_on="2026-03-12"
    )
    assert effect["onset_known"] is False
    assert effect["onset_on"] == "2026-03-12"
    assert effect["days_since_session"] == 10


async def test_what_is_reported_is_read_back(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(30))
    told: Answer = {
        "areas": ["SCALP_FRONTAL", "SCALP_TEMPORAL"],
        "sides": {"SCALP_TEMPORAL": "left"},
        "location_detail": "Along the hairline",
        "contributing_factors": ["Crash diet"],
        "action_taken": "postponed",
        "treatment": "None",
        "outcome": "not_recovered",
        "photos_taken": True,
        "suspect_ingredient_codes": ["BIOTIN"],
        "reported_by": "patient",
    }
    shedding = {
        "pattern": "diffuse", "at_injection_points": False, "score_before": 2, "score": 4,
        "scale": "HAIR_SHEDDING_SCALE", "pull_tests": [{"site": "vertex", "hairs": 7}],
    }  # fmt: skip
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", shedding=shedding, **told
    )
    known = (await as_role("auditor").get(f"/v1/side-effects/{effect['id']}")).json()
    assert {key: known[key] for key in told} == told
    assert {key: known["shedding"][key] for key in shedding} == shedding


async def test_what_contradicts_itself_is_pointed_at(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(10))
    cases: list[tuple[Answer, str]] = [
        ({"code": "AE_NO_SUCH_TERM"}, "/code"),
        ({"code": "AE_OTHER"}, "/term_text"),
        ({"started_at": None}, "/started_at"),
        ({"first_noticed_on": "2026-03-05"}, "/started_at"),
        ({"started_at": "2026-03-13T10:00:00Z"}, "/started_at"),
        ({"started_at": "2026-03-10T10:00:00"}, "/started_at"),
        ({"ended_at": "2026-03-03T07:00:00Z"}, "/ended_at"),
        ({"ended_at": "2026-03-13T07:00:00Z"}, "/ended_at"),
        ({"grade": 0}, "/grade"),
        ({"grade": 6}, "/grade"),
        ({"grade": "2"}, "/grade"),
        ({"grade": 4, "seriousness": ["death"]}, "/grade"),
        ({"grade": 4, "outcome": "fatal"}, "/grade"),
        ({"areas": ["NOWHERE"]}, "/areas/0"),
        ({"areas": ["SCALP", "SCALP"]}, "/areas/1"),
        ({"sides": {"SCALP": "left"}}, "/sides"),
        ({"suspect_ingredient_codes": ["NO_SUCH"]}, "/suspect_ingredient_codes/0"),
        ({"suspect_lot_ids": [treated["plan"]["id"]]}, "/suspect_lot_ids/0"),
        ({"seriousness": ["bad"]}, "/seriousness/0"),
        ({"shedding": {"score": 3}}, "/shedding/scale"),
        ({"shedding": {"score": 7, "scale": "HAIR_SHEDDING_SCALE"}}, "/shedding/score"),
        ({"shedding": {"score": 3, "scale": "NORWOOD"}}, "/shedding/scale"),
        ({"severity": 2}, "/severity"),
    ]
    nurse = as_role("nurse")
    for over, pointer in cases:
        answer = await nurse.post(
            "/v1/side-effects", json=effect_body(treated, **{"started_at": on_day(3)} | over)
        )
        assert answer.status_code == 422, (over, answer.text)
        assert pointer in [each["pointer"] for each in answer.json()["errors"]], over
    assert (await nurse.get("/v1/side-effects")).json()["items"] == []


async def test_a_session_of_another_patient_or_not_performed_is_refused(
    as_role: AsRole, clinic: SeededClinic, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    nurse = as_role("nurse")
    other = await make_patient(nurse, given_name="Lea")
    body = effect_body(treated, patient_id=other["id"], session_id=treated["session"]["id"])
    answer = await nurse.post("/v1/side-effects", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "other_patient")
    unknown = effect_body(treated, session_id=treated["plan"]["id"])
    assert (await nurse.post("/v1/side-effects", json=unknown)).status_code == 404
    stranger = effect_body(treated)
    answer = await as_role("other:nurse").post("/v1/side-effects", json=stranger)
    assert answer.status_code == 404


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    nurse = as_role("nurse")
    body = effect_body(treated, grade=3)
    answer = await nurse.post("/v1/side-effects?dry_run=true", json=body)
    assert answer.status_code == 200, answer.text
    assert "findings" in answer.json()
    assert (await nurse.get("/v1/side-effects")).json()["items"] == []
    plan = (await nurse.get(f"/v1/plans/{treated['plan']['id']}")).json()
    assert plan["state"] == "active"


async def test_the_same_key_reports_once(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    nurse, key = as_role("nurse"), {"Idempotency-Key": "effect-1"}
    body = effect_body(treated, grade=2)
    first = await nurse.post("/v1/side-effects", json=body, headers=key)
    again = await nurse.post("/v1/side-effects", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert len((await nurse.get("/v1/side-effects")).json()["items"]) == 1


async def test_who_may_report_read_and_review(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    body = effect_body(treated)
    for role, allowed in {
        "owner": 403, "auditor": 403, "receptionist": 201, "nurse": 201,
        "practitioner": 201, "medical_director": 201,
    }.items():  # fmt: skip
        assert (await as_role(role).post("/v1/side-effects", json=body)).status_code == allowed
    effect = await make_effect(as_role("receptionist"), treated)
    path = f"/v1/side-effects/{effect['id']}"
    for role, allowed in {"receptionist": 403, "owner": 403, "auditor": 200, "nurse": 200}.items():
        assert (await as_role(role).get(path)).status_code == allowed
        assert (await as_role(role).get("/v1/side-effects")).status_code == allowed
        assert (await as_role(role).get(f"{path}/report")).status_code == allowed
    late = await as_role("receptionist").post(f"{path}/follow-ups", json={"text": "Better."})
    assert (late.status_code, late.json()["missing_scope"]) == (403, "side_effects:read")
    review = {"causality": "possible", "comment": "Timing fits."}
    refused = await send(as_role("nurse"), effect, "review", review)
    assert refused.json()["missing_scope"] == "side_effects:review"
    assert (await as_role("other:nurse").get(path)).status_code == 404


async def test_grade_3_is_judged_by_the_medical_director_even_after_it_fell(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    practitioner = as_role("practitioner")
    effect = await make_effect(practitioner, treated, grade=3)
    answer = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "Milder.", "grade": 1}
    )
    assert answer.status_code == 201
    review = {"causality": "possible", "comment": "Timing fits."}
    refused = await send(practitioner, effect, "review", review)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "side_effects:review")
    assert (await send(as_role("medical_director"), effect, "review", review)).status_code == 200


async def test_review_computes_naranjo_and_resolution_closes(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    """Worked example (b) of the clinical reference: 10, definite."""
    clock.set(on_day(3))
    practitioner = as_role("practitioner")
    effect = await make_effect(practitioner, treated, code="AE_ALLERGY", grade=1)
    answers = ["yes", "yes", "yes", "yes", "no", "unknown", "unknown", "unknown", "yes", "yes"]
    early = await send(practitioner, effect, "resolve", RESOLUTION)
    assert early.status_code == 409
    assert early.json()["type"] == "/problems/illegal-transition"
    assert early.json()["state"] == "open"
    assert early.json()["possible"] == ["entered-in-error", "follow-ups", "review", "submissions"]

    body = {"causality": "probable", "naranjo": answers, "comment": "Minutes after both."}
    reviewed = await send(practitioner, effect, "review", body)
    assert reviewed.status_code == 200, reviewed.text
    known = reviewed.json()
    assert (known["state"], known["causality"]) == ("under_review", "probable")
    judged = known["reviews"][0]
    assert (judged["naranjo_score"], judged["naranjo_category"]) == (10, "definite")
    assert judged["naranjo_answers"] == answers

    resolved = await send(practitioner, effect, "resolve", RESOLUTION)
    assert resolved.status_code == 200, resolved.text
    assert resolved.json()["state"] == "resolved"
    assert resolved.json()["outcome"] == "recovered"
    again = await send(practitioner, effect, "review", body)
    assert (again.status_code, again.json()["state"]) == (200, "resolved"), "judged anew"
    worse = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "Back.", "grade": 2}
    )
    assert worse.status_code == 409
    late = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "Prick test negative."}
    )
    assert late.status_code == 201


async def test_nine_naranjo_answers_are_not_ten(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    effect = await make_effect(as_role("practitioner"), treated)
    body = {"causality": "possible", "naranjo": ["yes"] * 9, "comment": "Short."}
    answer = await send(as_role("practitioner"), effect, "review", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/naranjo"


async def test_what_a_resolution_must_say(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    practitioner = as_role("practitioner")
    effect = await make_effect(practitioner, treated)
    await send(practitioner, effect, "review", {"causality": "possible", "comment": "Fits."})
    cases: list[tuple[Answer, str]] = [
        ({"outcome": "recovered", "comment": "Well."}, "/ended_at"),
        ({"outcome": "sequelae", "comment": "A scar."}, "/sequelae"),
        (RESOLUTION | {"sequelae": "A scar"}, "/sequelae"),
        ({"outcome": "fatal", "comment": "Died."}, "/outcome"),
        (RESOLUTION | {"ended_at": "2026-03-01T08:00:00Z"}, "/ended_at"),
        ({"outcome": "recovering", "comment": "Better."}, "/outcome"),
    ]
    for body, pointer in cases:
        answer = await send(practitioner, effect, "resolve", body)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer
    stale = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/resolve", json=RESOLUTION, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412
    blind = await practitioner.post(f"/v1/side-effects/{effect['id']}/resolve", json=RESOLUTION)
    assert blind.status_code == 428


async def test_a_report_entered_in_error_stays_readable_and_counts_no_more(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(3))
    practitioner = as_role("practitioner")
    effect = await make_effect(practitioner, treated)
    answer = await send(practitioner, effect, "entered-in-error", {"reason": "Other patient."})
    assert answer.status_code == 200, answer.text
    known = (await practitioner.get(f"/v1/side-effects/{effect['id']}")).json()
    assert known["state"] == "entered_in_error"
    assert known["entered_in_error_reason"] == "Other patient."
    assert known["possible"] == []
    later = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/follow-ups", json={"text": "More."}
    )
    assert (later.status_code, later.json()["possible"]) == (409, [])
    headers = await match(practitioner, effect)
    again = await practitioner.post(
        f"/v1/side-effects/{effect['id']}/entered-in-error",
        json={"reason": "Again."},
        headers=headers,
    )
    assert again.status_code == 409


RESOLUTION: Answer = {
    "outcome": "recovered",
    "ended_at": "2026-03-05T08:00:00Z",
    "comment": "Gone at the visit.",
}
