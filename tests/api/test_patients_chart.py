"""The chart and the timeline: everything about a patient, in a bounded number of queries."""

import pytest

from tests.factories import made, make_patient
from tests.factories_sessions import book, make_active_plan, make_treatable_patient, moved
from tests.factories_side_effects import make_effect, make_treated_plan
from tests.queries import counted_queries

NOTICED = "2026-03-02T09:25:00Z"


@pytest.fixture
async def nurse(as_role):
    return as_role("nurse")


async def chart(client, patient_id):
    answer = await client.get(f"/v1/patients/{patient_id}/chart")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def timeline(client, patient_id, **query):
    answer = await client.get(f"/v1/patients/{patient_id}/timeline", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_empty_chart_says_what_nobody_has_asked(nurse):
    patient = await make_patient(nurse)
    shown = await chart(nurse, patient["id"])
    assert shown["patient"] == patient
    assert shown["age_years"] == 36
    assert shown["alerts"] == {
        "allergies": [], "allergies_asked": False, "conditions": [], "holds": [],
        "side_effects": [],
        "pregnancy": {
            "childbearing_potential": None, "status": None, "asked_on": None, "test_on": None,
            "test_result": None, "contraception_effective": None, "lactating": None,
        },
    }  # fmt: skip
    rest = shown.keys() - {"patient", "age_years", "alerts", "medications_asked"}
    assert {name: shown[name] for name in rest if shown[name]} == {}
    assert shown["medications_asked"] is False


async def test_the_age_is_that_of_the_clinics_today(nurse, clock):
    patient = await make_patient(nurse, born_on="2000-02-29")
    for month, day, age in ((2, 28, 25), (3, 1, 26)):
        clock.set(clock.now.replace(month=month, day=day, hour=12))
        assert (await chart(nurse, patient["id"]))["age_years"] == age


async def test_the_chart_of_a_treated_patient(as_role, clinic, clock):
    treated = await make_treated_plan(as_role, clinic, clock)
    plan, nurse = treated["plan"], as_role("nurse")
    patient_id = plan["patient_id"]
    coming = await book(nurse, plan, clinic, "2026-03-09T09:00:00Z")
    effect = await make_effect(nurse, treated, grade=2, started_at=NOTICED)
    url = f"/v1/patients/{patient_id}"
    await made(nurse, f"{url}/conditions", {"code": "SEIZURE_DISORDER"})
    await made(nurse, f"{url}/conditions", {"code": "SMOKER", "ended_on": "2026-03-01"})
    scores = [
        await made(nurse, f"{url}/measurements", {
            "kind": "SHED_SCORE", "scale": "HAIR_SHEDDING_SCALE", "value": value,
            "measured_at": f"2026-02-{day}T10:00:00Z",
        })
        for day, value in (("10", "3"), ("20", "5"))
    ]  # fmt: skip
    clock.advance(days=2)
    shown = await chart(nurse, patient_id)

    assert [each["code"] for each in shown["alerts"]["conditions"]] == ["SEIZURE_DISORDER"]
    assert [each["id"] for each in shown["alerts"]["side_effects"]] == [effect["id"]]
    assert {each["side_effect_id"] for each in shown["alerts"]["holds"]} == {effect["id"]}
    assert shown["weight"] == {"weight_kg": "80", "weighed_on": "2026-03-02", "age_days": 2}
    assert [each["id"] for each in shown["shedding"]] == [scores[1]["id"], scores[0]["id"]]
    assert [each["kind"] for each in shown["measurements"]] == ["SHED_SCORE", "weight"]
    assert shown["measurements"][0]["id"] == scores[1]["id"]
    assert [each["state"] for each in shown["consents"]] == ["valid"]
    assert [each["id"] for each in shown["recent_sessions"]] == [treated["session"]["id"]]
    assert [each["id"] for each in shown["next_sessions"]] == [coming["id"]]
    (shown_plan,) = shown["plans"]
    assert shown_plan["id"] == plan["id"]
    assert shown_plan["sessions_completed"] == 1
    assert shown_plan["next_session"]["id"] == coming["id"]
    assert shown_plan["state"] == (await nurse.get(f"/v1/plans/{plan['id']}")).json()["state"]
    assert (shown_plan["formula_name"], shown_plan["formula_version"]) == ("Scalp", 1)


async def test_the_chart_shows_the_window_that_the_plan_has(as_role, clinic, clock):
    treated = await make_treated_plan(as_role, clinic, clock)
    plan, nurse = treated["plan"], as_role("nurse")
    window = (await nurse.get(f"/v1/plans/{plan['id']}/window")).json()
    (shown,) = (await chart(nurse, plan["patient_id"]))["plans"]
    assert shown["window"] == {name: window[name] for name in shown["window"]}
    assert shown["window"]["earliest_on"] == "2026-03-08"


async def test_the_newest_weight_is_shown_wherever_it_was_taken(nurse):
    patient = await make_patient(nurse)
    url = f"/v1/patients/{patient['id']}/measurements"
    for at, value in (("2026-02-01T09:00:00Z", "62.5"), ("2026-02-20T23:30:00Z", "61.25")):
        await made(nurse, url, {"kind": "weight", "value": value, "measured_at": at})
    shown = (await chart(nurse, patient["id"]))["weight"]
    assert shown == {"weight_kg": "61.25", "weighed_on": "2026-02-21", "age_days": 9}


async def test_the_chart_asks_no_more_of_a_long_history(app, nurse):
    patient = await make_patient(nurse)
    url = f"/v1/patients/{patient['id']}"

    async def add(count):
        for number in range(count):
            await made(nurse, f"{url}/conditions", {"code": "SMOKER"})
            await made(nurse, f"{url}/assessments", {
                "assessed_on": "2026-03-01",
                "diagnoses": [{"icd10": "L64.9", "status": "confirmed"}],
            })  # fmt: skip
            await made(nurse, f"{url}/measurements", {
                "kind": "weight", "value": str(60 + number), "measured_at": "2026-03-01T10:00:00Z",
            })  # fmt: skip

    await add(1)
    with counted_queries(app) as few:
        await chart(nurse, patient["id"])
    with counted_queries(app) as few_assessed:
        await nurse.get(f"{url}/assessments")
    await add(12)
    with counted_queries(app) as many:
        assert len((await chart(nurse, patient["id"]))["alerts"]["conditions"]) == 13
    with counted_queries(app) as many_assessed:
        assert len((await nurse.get(f"{url}/assessments")).json()["items"]) == 13
    assert len(many) == len(few) <= 25
    assert len(many_assessed) == len(few_assessed) <= 6
    with counted_queries(app) as lines:
        assert len((await timeline(nurse, patient["id"], limit=30))["items"]) == 30
    assert len(lines) <= 3 + 1 + 15


async def test_the_timeline_holds_everything_once_newest_first(as_role, clinic, clock):
    treated = await make_treated_plan(as_role, clinic, clock)
    plan, nurse = treated["plan"], as_role("nurse")
    await book(nurse, plan, clinic, "2026-03-09T09:00:00Z")
    await make_effect(nurse, treated, grade=2, started_at=NOTICED)
    patient_id = plan["patient_id"]
    url = f"/v1/patients/{patient_id}"
    await made(nurse, f"{url}/consultations", {"held_at": "2026-02-27T10:00:00Z"})
    fish = await made(nurse, f"{url}/conditions", {"code": "SMOKER"})
    await moved(nurse, f"{url}/conditions/{fish['id']}", "entered-in-error", {"reason": "Not so."})

    whole = await timeline(nurse, patient_id, limit=200, with_total="true")
    kinds = [item["kind"] for item in whole["items"]]
    assert kinds[0] == "session"
    assert kinds[-1] == "consultation"
    assert set(kinds) >= {
        "session", "administration", "side_effect", "hold", "plan", "allergy", "measurement",
        "consent", "condition", "consultation",
    }  # fmt: skip
    assert whole["total"] == len(kinds)
    instants = [item["occurred_at"] for item in whole["items"]]
    assert instants == sorted(instants, reverse=True)
    wrong = [item["id"] for item in whole["items"] if item["entered_in_error"]]
    assert wrong == [fish["id"]]
    for item in whole["items"]:
        assert (await nurse.get(item["href"])).status_code == 200, item

    paged, cursor = [], None
    while True:
        page = await timeline(nurse, patient_id, limit=2, **({"cursor": cursor} if cursor else {}))
        paged += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole["items"]

    some = await timeline(nurse, patient_id, kind=["session", "hold"])
    assert {item["kind"] for item in some["items"]} == {"session", "hold"}


async def test_the_clinical_views_are_for_those_who_may_see_them(as_role):
    patient = await make_patient(as_role("nurse"))
    for view in ("chart", "timeline"):
        url = f"/v1/patients/{patient['id']}/{view}"
        refused = await as_role("receptionist").get(url)
        assert refused.json()["missing_scope"] == "clinical:read"
        assert (await as_role("other:nurse").get(url)).status_code == 404
        seen = await as_role("auditor").get(url)
        assert seen.status_code == 200
        assert seen.headers["Cache-Control"] == "no-store"


async def test_a_plan_starts_once_pregnancy_was_asked(as_role, clinic):
    nurse = as_role("nurse")
    patient = await make_treatable_patient(nurse, given_name="Ada", sex="female")
    plan = None
    with pytest.raises(AssertionError, match="CONTRA-PREGNANCY"):
        plan = await make_active_plan(as_role, clinic, patient=patient)
    assert plan is None
    url = f"/v1/patients/{patient['id']}/pregnancy-statements"
    said = {"stated_on": "2026-03-02", "lactating": False, "childbearing_potential": True}
    await made(nurse, url, said | {"pregnancy_status": "not_pregnant"})
    (draft,) = (await nurse.get(f"/v1/plans?patient_id={patient['id']}")).json()["items"]
    active = await moved(as_role("medical_director"), f"/v1/plans/{draft['id']}", "activate")
    assert active["state"] == "active"
