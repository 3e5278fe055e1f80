"""Sessions to come are judged again when something changes; what would be refused is listed."""

import pytest

from tests.clinic import START
from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    administer,
    book,
    booking,
    check_in,
    component,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    moved,
    protocol_id,
)
from tests.remembering import remembered

FIRST, SECOND = "2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z"
REASON = "Looked at it with the patient; nothing needs to be done."


@pytest.fixture
async def plan(as_role, clinic):
    """An active weekly plan with two sessions booked, on 10 and 17 March."""
    plan = await make_active_plan(as_role, clinic)
    return await booked(as_role, clinic, plan)


async def booked(as_role, clinic, plan, *starts):
    sessions = [
        await book(as_role("receptionist"), plan, clinic, each)
        for each in starts or (FIRST, SECOND)
    ]
    return plan | {"sessions": sessions}


@remembered
async def pdrn_plan(as_role, clinic):
    """A plan whose formula holds PDRN, which is made from salmon."""
    return await plan_of(as_role, clinic, component("PDRN", "2", "2"))


@remembered
async def plan_of(as_role, clinic, line):
    """A plan with two sessions, whose formula is this line, approved with every answer."""
    patient = await make_treatable_patient(as_role("practitioner"))
    code = line["ingredient_code"]
    await consent(as_role("practitioner"), patient["id"], "2026-03-02", code)
    body = {"name": "One line", "areas": ["SCALP"], "components": [line]}
    formula = await made(as_role("practitioner"), "/v1/formulas", body)
    path = f"/v1/formulas/{formula['id']}"
    await moved(as_role("medical_director"), path, "versions/1/approve", answers(formula["latest"]))
    plan = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
    return await booked(as_role, clinic, plan)


def answers(judged):
    """Every warning read, and a reason for whatever may be overridden."""
    found = {(each["code"], each["severity"]) for each in judged["findings"]}
    return {
        "acknowledged": sorted(code for code, severity in found if severity == "warn"),
        "overrides": [
            {"code": code, "reason": "clinical_judgement", "comment": REASON}
            for code, severity in sorted(found)
            if severity == "override"
        ],
    }


async def consent(client, patient_id, signed_on, *codes, **over):
    body = {
        "document_code": "MESO", "document_version": "1", "signed_on": signed_on,
        "ingredient_codes": codes or ["DEXPANTHENOL", "BIOTIN"],
    }  # fmt: skip
    return await made(client, f"/v1/patients/{patient_id}/consents", body | over)


async def record(as_role, plan, kind, body):
    path = f"/v1/patients/{plan['patient_id']}/{kind}"
    return await made(as_role("practitioner"), path, body)


async def review(as_role, query="", role="practitioner"):
    answer = await as_role(role).get(f"/v1/worklists/review{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def told(items):
    """Cause, severity and codes of each item, in the order of the list."""
    return [
        (each["cause"], each["severity"], [finding["code"] for finding in each["findings"]])
        for each in items
    ]


async def test_nothing_is_listed_while_nothing_stands_in_the_way(as_role, plan):
    await record(as_role, plan, "conditions", {"code": "OTHER", "notes": "Hay fever."})
    await record(as_role, plan, "allergies", {"code": "LATEX"})
    assert await review(as_role) == []


async def test_a_fish_allergy_lists_every_session_with_pdrn(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    assert await review(as_role) == []
    await record(as_role, plan, "allergies", {"code": "FISH", "severity": "severe"})
    items = await review(as_role)
    assert told(items) == [("allergy", "block", ["CONTRA-ALLERGY-CLASS"])] * 2
    first = items[0]
    assert [each["session"]["id"] for each in items] == [s["id"] for s in plan["sessions"]]
    assert first["title"] == "This session would be refused."
    assert "FISH" in first["findings"][0]["message"]
    assert (first["patient"]["family_name"], first["since"]) == ("Moreau", "2026-03-02T08:00:00Z")
    assert first["session"]["starts_at"] == FIRST


async def test_an_allergy_that_was_a_mistake_takes_them_off_again(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    allergy = await record(as_role, plan, "allergies", {"code": "FISH"})
    path = f"/v1/patients/{plan['patient_id']}/allergies/{allergy['id']}"
    await moved(as_role("practitioner"), path, "entered-in-error", {"reason": "Another patient."})
    [item, _] = await review(as_role)  # whether there is another is asked again
    assert item["findings"][0]["message"] == "Allergies were not asked about."
    await record(as_role, plan, "allergies", {"code": "NO_KNOWN_ALLERGIES"})
    assert await review(as_role) == []
    closed = await review(as_role, "?open=false")
    assert [each["closed_because"] for each in closed] == ["clean", "clean"]


@pytest.mark.parametrize(
    ("signed_on", "listed"),
    [("2025-03-17", []), ("2025-03-16", ["2026-03-17T09:00:00Z"])],
    ids=["365 days", "366 days"],
)
async def test_a_consent_that_ends_before_a_later_session(as_role, clinic, signed_on, listed):
    """Signed 365 days before the second session it still holds; a day earlier it does not."""
    patient = await make_treatable_patient(as_role("practitioner"))
    kept = await as_role("practitioner").get(f"/v1/patients/{patient['id']}/consents")
    first = kept.json()["items"][0]
    await consent(as_role("practitioner"), patient["id"], signed_on)
    plan = await make_active_plan(as_role, clinic, patient=patient)
    await booked(as_role, clinic, plan)
    assert await review(as_role) == []
    path = f"/v1/patients/{patient['id']}/consents/{first['id']}"
    await moved(as_role("practitioner"), path, "withdraw", {"reason": "Signs another."})
    items = await review(as_role)
    assert [each["session"]["starts_at"] for each in items] == listed
    for cause, severity, codes in told(items):
        assert (cause, severity) == ("consent", "block")
        assert "CONSENT-VALID" in codes


@pytest.mark.parametrize(
    ("kilograms", "listed"), [("20", 0), ("19.9", 2)], ids=["20 kg", "19.9 kg"]
)
async def test_a_weight_at_which_the_dose_is_too_much(as_role, clinic, kilograms, listed):
    """4.5 mL of lidocaine 20 mg/mL are 90 mg: 4.5 mg/kg at exactly 20 kg."""
    formula = await make_approved_formula(
        as_role("practitioner"), as_role("medical_director"), component("LIDOCAINE", "20", "4.5")
    )
    patient = await make_treatable_patient(as_role("practitioner"))
    await consent(as_role("practitioner"), patient["id"], "2026-03-02", "LIDOCAINE")
    plan = await make_active_plan(
        as_role, clinic, patient=patient, formula=formula, volume_per_session_ml="4.5", points=100
    )
    await booked(as_role, clinic, plan)
    assert await review(as_role) == []
    body = {"kind": "weight", "unit": "kg", "measured_at": "2026-03-02T07:30:00Z"}
    await record(as_role, plan, "measurements", body | {"value": kilograms})
    items = await review(as_role)
    assert len(items) == listed
    for cause, severity, codes in told(items):
        assert (cause, severity, codes[0]) == ("weight", "block", "DOSE-WEIGHT-MAX")


async def test_a_pregnancy_lists_every_session(as_role, clinic):
    patient = await make_treatable_patient(as_role("practitioner"), sex="female")
    told_no = {"stated_on": "2026-03-02", "pregnancy_status": "not_pregnant", "lactating": False}
    path = f"/v1/patients/{patient['id']}/pregnancy-statements"
    await made(as_role("practitioner"), path, told_no)
    plan = await make_active_plan(as_role, clinic, patient=patient)
    plan = await booked(as_role, clinic, plan)
    assert await review(as_role) == []  # that it is asked again on the day is not due yet
    await record(as_role, plan, "pregnancy-statements", told_no | {"pregnancy_status": "pregnant"})
    items = await review(as_role)
    assert [(each["cause"], each["severity"]) for each in items] == [("pregnancy", "block")] * 2
    assert all("CONTRA-PREGNANCY" in codes for _, _, codes in told(items))


async def test_an_open_effect_of_grade_two_and_its_end(as_role, clinic, clock):
    plan = await booked(as_role, clinic, await make_active_plan(as_role, clinic), FIRST, SECOND)
    nurse = as_role("nurse")
    clock.set(START.replace(day=10, hour=9))
    await check_in(nurse, plan["sessions"][0])
    clock.advance(minutes=30)
    await administer(as_role("practitioner"), plan["sessions"][0], "2026-03-10T09:20:00Z")
    assert await review(as_role) == []
    clock.advance(days=1)
    effect = await made(
        nurse,
        "/v1/side-effects",
        {
            "patient_id": plan["patient_id"], "session_id": plan["sessions"][0]["id"],
            "code": "AE_HEADACHE", "grade": 2, "started_at": "2026-03-10T12:00:00Z",
            "description": "Told at the desk.", "reported_by": "staff",
        },
    )  # fmt: skip
    [item] = await review(as_role)
    assert (item["cause"], item["severity"]) == ("side_effect", "block")
    assert [finding["code"] for finding in item["findings"]] == ["HOLD", "AE-HOLD-GRADE"]
    assert [finding["severity"] for finding in item["findings"]] == ["block", "override"]
    path = f"/v1/side-effects/{effect['id']}"
    body = {"outcome": "recovered", "ended_at": "2026-03-11T08:00:00Z", "comment": "By phone."}
    director = as_role("medical_director")
    review_body = {"causality": "possible", "comment": "Timing fits."}
    await moved(director, path, "review", review_body)
    await moved(director, path, "resolve", body)
    [item] = await review(as_role)  # a hold stays until a person releases it
    assert [finding["code"] for finding in item["findings"]] == ["HOLD"]
    plan_path = f"/v1/plans/{plan['id']}"
    await moved(director, plan_path, "release", {"reason": "Recovered and reviewed."})
    assert await review(as_role) == []


async def test_a_cancelled_session_leaves_the_list(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    path = f"/v1/sessions/{plan['sessions'][1]['id']}"
    await moved(as_role("receptionist"), path, "cancel", {"reason": "Waits for a new formula."})
    assert len(await review(as_role)) == 1
    [closed] = await review(as_role, "?open=false")
    assert (closed["closed_because"], closed["closed_by"]) == ("cancelled", None)


async def test_a_moved_session_is_listed_anew_where_it_stays_refused(as_role, clinic, clock):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    clock.advance(hours=1)
    path = f"/v1/sessions/{plan['sessions'][1]['id']}"
    desk = as_role("receptionist")
    etag = (await desk.get(path)).headers["etag"]
    answer = await desk.patch(
        path, json={"starts_at": "2026-03-18T09:00:00Z"}, headers={"If-Match": etag}
    )
    assert answer.status_code == 200, answer.text
    items = await review(as_role)
    assert [(each["cause"], each["session"]["starts_at"]) for each in items] == [
        ("allergy", FIRST),
        ("booking", "2026-03-18T09:00:00Z"),
    ]
    assert items[1]["since"] == "2026-03-02T09:00:00Z"
    [closed] = await review(as_role, "?open=false")
    assert closed["closed_because"] == "moved"


async def test_a_session_booked_although_it_would_be_refused_is_listed_at_once(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    third = await book(as_role("receptionist"), plan, clinic, "2026-03-24T09:00:00Z")
    last = (await review(as_role))[-1]
    assert (last["session"]["id"], last["cause"]) == (third["id"], "booking")


async def test_what_is_listed_is_what_check_in_says(as_role, clinic, clock):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    [item, _] = await review(as_role)
    clock.set(START.replace(day=10, hour=9))
    answer = await move_on(
        as_role("nurse"), f"/v1/sessions/{item['session']['id']}", "check-in", SCREENING
    )
    assert answer.status_code == 409
    said = {(each["code"], each["message"]) for each in answer.json()["findings"]}
    assert {(each["code"], each["message"]) for each in item["findings"]} <= said


async def test_a_dismissed_item_comes_back_only_with_other_figures(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    for item in await review(as_role):
        await moved_item(as_role("practitioner"), item)
    assert await review(as_role) == []
    await record(as_role, plan, "conditions", {"code": "OTHER", "notes": "Hay fever."})
    assert await review(as_role) == []
    await record(as_role, plan, "allergies", {"ingredient_code": "PDRN"})
    items = await review(as_role)
    assert len(items) == 2
    assert "PDRN" in items[0]["findings"][0]["message"]


async def moved_item(client, item, reason=REASON):
    path = f"/v1/worklists/review/{item['id']}"
    return await moved(client, path, "dismiss", {"reason": reason})


async def test_what_was_overridden_at_activation_is_not_asked_again(as_role, clinic):
    """A woman who breastfeeds: the director let the plan start all the same."""
    patient = await make_treatable_patient(as_role("practitioner"), sex="female")
    body = {"stated_on": "2026-03-02", "pregnancy_status": "not_pregnant", "lactating": True}
    path = f"/v1/patients/{patient['id']}/pregnancy-statements"
    await made(as_role("practitioner"), path, body)
    formula = await make_approved_formula(as_role("practitioner"), as_role("medical_director"))
    practitioner = as_role("practitioner")
    plan = await made(
        practitioner,
        "/v1/plans",
        {
            "patient_id": patient["id"], "formula_id": formula["id"],
            "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
            "practitioner_id": str(clinic.staff["practitioner"]), "diagnosis_icd10": "L64.9",
            "areas": ["SCALP"], "volume_per_session_ml": "2",
        },
    )  # fmt: skip
    path, director = f"/v1/plans/{plan['id']}", as_role("medical_director")
    asked = await move_on(director, path, "activate", {}, "?dry_run=true")
    assert "CONTRA-PREGNANCY" in answers(asked.json())["overrides"][0]["code"]
    plan = await moved(director, path, "activate", answers(asked.json()))
    plan = await booked(as_role, clinic, plan)
    await record(as_role, plan, "conditions", {"code": "OTHER", "notes": "Hay fever."})
    assert await review(as_role) == []


async def test_only_sessions_to_come_are_judged(as_role, clinic, clock):
    plan = await pdrn_plan(as_role, clinic)
    clock.set(START.replace(day=11))  # the first was missed and nobody has said so
    await record(as_role, plan, "allergies", {"code": "FISH"})
    [item] = await review(as_role)
    assert item["session"]["id"] == plan["sessions"][1]["id"]


async def test_a_dry_run_lists_nothing(as_role, clinic):
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    before = await review(as_role)
    answer = await as_role("receptionist").post(
        "/v1/sessions?dry_run=true", json=booking(plan, clinic, "2026-03-24T09:00:00Z")
    )
    assert answer.status_code == 200
    assert await review(as_role) == before
