"""The entries of a patient's record: what all kinds share, and what cannot be entered."""

from typing import Any

import pytest

from tests.factories import made, make_patient

AT = "2026-03-02T07:30:00Z"
# Per kind: path, a full body, and a part of the answer that is not simply the body again.
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "allergies": (
        {"code": "FISH", "reaction": "Urticaria", "severity": "severe", "status": "active",
         "onset_on": "2019-06-01"},
        {"ingredient_code": None},
    ),
    "conditions": ({"code": "HEART_FAILURE", "icd10": "I50.9", "onset_on": "2021-05-01"}, {}),
    "medications": (
        {"code": "ANTIHYPERTENSIVE", "name": "Losartan 50 mg", "started_on": "2024-01-15"},
        {"stopped_on": None},
    ),
    "measurements": (
        {"kind": "weight", "value": "62.5", "unit": "kg", "measured_at": AT},
        {"measured_on": "2026-03-02", "grade": None},
    ),
    "assessments": (
        {"assessed_on": "2026-03-01", "scale": "LUDWIG", "grade": "II", "areas": ["SCALP"],
         "diagnoses": [{"icd10": "L64.9", "status": "confirmed", "area": "SCALP"},
                       {"icd10": "L65.0", "status": "suspected", "area": None}],
         "trichoscopy": ["YELLOW_DOTS"]},
        {"is_outcome_review": False},
    ),
    "consents": (
        {"document_code": "MESO", "document_version": "3", "signed_on": "2026-03-02",
         "ingredient_codes": ["BIOTIN"], "areas": ["SCALP"], "elements": ["1", "13"]},
        {"valid_until": "2027-03-02", "state": "valid", "photos_teaching": False},
    ),
    "therapies": (
        {"code": "TOPICAL_MINOXIDIL", "area": "SCALP", "started_on": "2025-09-01"},
        {"ended_on": None},
    ),
    "lifestyle-factors": (
        {"code": "HEAT_STYLING", "detail": "Iron daily", "started_on": "2025-01-01"},
        {"ended_on": None},
    ),
    "consultations": (
        {"held_at": AT, "concerns": "Shedding", "alternatives_discussed": ["TOPICAL_MINOXIDIL"],
         "expectations": "Less shedding", "recommendation": "Wait"},
        {},
    ),
    "pregnancy-statements": (
        {"stated_on": "2026-03-02", "pregnancy_status": "not_pregnant",
         "childbearing_potential": True, "pregnancy_test_on": "2026-03-01",
         "pregnancy_test_result": "negative", "lactating": False},
        {"contraception_effective": None},
    ),
}  # fmt: skip


@pytest.fixture
async def nurse(as_role):
    return as_role("nurse")


@pytest.fixture
async def record(nurse):
    """The address of a patient."""
    return f"/v1/patients/{(await make_patient(nurse))['id']}"


@pytest.mark.parametrize("path", KINDS)
async def test_an_entry_is_written_listed_read_and_marked_as_wrong(as_role, clinic, record, path):
    nurse, url = as_role("nurse"), f"{record}/{path}"
    body, more = KINDS[path]
    first = await nurse.post(url, json=body)
    assert first.status_code == 201, first.text
    entry = first.json()
    assert {name: entry[name] for name in body | more} == body | more
    assert entry["recorded_by"] == str(clinic.staff["nurse"])
    assert entry["recorded_at"] == "2026-03-02T08:00:00Z"
    assert first.headers["ETag"] == '"1"'
    location = first.headers["Location"]
    assert location == f"{url}/{entry['id']}"

    second = await made(nurse, url, body)
    listed = (await nurse.get(url, params={"limit": 1})).json()
    assert [item["id"] for item in listed["items"]] == [second["id"]]
    rest = await nurse.get(url, params={"limit": 1, "cursor": listed["next_cursor"]})
    assert rest.json()["items"] == [entry]
    read = await as_role("auditor").get(location)
    assert read.json() == entry
    assert read.headers["ETag"] == '"1"'

    wrong = {"reason": "Entered for the wrong patient."}
    mark = f"{location}/entered-in-error"
    assert (await nurse.post(mark, json=wrong)).status_code == 428
    marked = await nurse.post(mark, json=wrong, headers={"If-Match": '"1"'})
    assert marked.status_code == 200, marked.text
    now = (await nurse.get(location)).json()
    assert now == marked.json()
    assert now["entered_in_error_reason"] == wrong["reason"]
    assert now["entered_in_error_by"] == str(clinic.staff["nurse"])
    assert now["version"] == 2
    again = await nurse.post(mark, json=wrong, headers={"If-Match": '"2"'})
    assert again.status_code == 409
    assert (again.json()["state"], again.json()["possible"]) == ("entered_in_error", [])


@pytest.mark.parametrize("path", KINDS)
async def test_who_may_not_see_the_clinical_part(as_role, record, path):
    body, _ = KINDS[path]
    entry = await made(as_role("nurse"), f"{record}/{path}", body)
    desk = as_role("receptionist")
    for url in (f"{record}/{path}", f"{record}/{path}/{entry['id']}"):
        refused = await desk.get(url)
        assert refused.status_code == 403
        assert refused.json()["missing_scope"] == "clinical:read"
        assert (await as_role("other:nurse").get(url)).status_code == 404
    written = await as_role("auditor").post(f"{record}/{path}", json=body)
    assert written.json()["missing_scope"] == "clinical:write"


async def test_an_entry_of_another_patient_does_not_exist(nurse, record):
    other = f"/v1/patients/{(await make_patient(nurse))['id']}"
    entry = await made(nurse, f"{record}/conditions", KINDS["conditions"][0])
    answer = await nurse.get(f"{other}/conditions/{entry['id']}")
    assert answer.status_code == 404
    change = await nurse.patch(
        f"{other}/conditions/{entry['id']}", json={"ended_on": None}, headers={"If-Match": '"1"'}
    )
    assert change.status_code == 404


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("allergies", {"code": "FISHH"}, "/code"),
    ("allergies", {"code": None}, "/code"),
    ("allergies", {"ingredient_code": "PDRN"}, "/code"),
    ("allergies", {"code": None, "ingredient_code": "NO_SUCH"}, "/ingredient_code"),
    ("allergies", {"code": "OTHER"}, "/substance"),
    ("allergies", {"onset_on": "2026-03-03"}, "/onset_on"),
    ("allergies", {"onset_on": "1989-04-01"}, "/onset_on"),
    ("conditions", {"code": "TIRED"}, "/code"),
    ("conditions", {"code": "OTHER", "icd10": None}, "/icd10"),
    ("conditions", {"icd10": "heart"}, "/icd10"),
    ("conditions", {"ended_on": "2021-04-30"}, "/ended_on"),
    ("medications", {"name": None}, "/name"),
    ("medications", {"stopped_on": "2024-01-14"}, "/stopped_on"),
    ("measurements", {"value": "0.199"}, "/value"),
    ("measurements", {"value": "500.001"}, "/value"),
    ("measurements", {"value": "62.5001"}, "/value"),
    ("measurements", {"unit": "lb"}, "/unit"),
    ("measurements", {"kind": "mass"}, "/kind"),
    ("measurements", {"grade": "II"}, "/value"),
    ("measurements", {"measured_at": "2026-03-02T08:05:01Z"}, "/measured_at"),
    ("measurements", {"measured_at": "2026-03-02T08:00:00"}, "/measured_at"),
    ("measurements", {"kind": "SHED_SCORE", "value": "4", "unit": None}, "/scale"),
    ("measurements", {"kind": "PULL_TEST_SITE", "value": "2", "unit": None}, "/site"),
    ("measurements", {"session_id": "01957c20-0000-7000-8000-000000000000"}, "/session_id"),
    ("assessments", {"grade": "IV"}, "/grade"),
    ("assessments", {"scale": None}, "/scale"),
    ("assessments", {"diagnoses": [{"icd10": "?", "status": "confirmed"}]}, "/diagnoses/0/icd10"),
    ("assessments", {"assessed_by": "01957c20-0000-7000-8000-000000000000"}, "/assessed_by"),
    ("consents", {"ingredient_codes": ["BIOTIN", "NO_SUCH"]}, "/ingredient_codes/1"),
    ("consents", {"elements": ["14"]}, "/elements/0"),
    ("consents", {"valid_days": 366}, "/valid_days"),
    ("therapies", {"code": "REST"}, "/code"),
    ("therapies", {"ended_on": "2025-08-31"}, "/ended_on"),
    ("lifestyle-factors", {"code": "COFFEE"}, "/code"),
    ("consultations", {"alternatives_discussed": ["PRAYER"]}, "/alternatives_discussed/0"),
    ("pregnancy-statements", {"pregnancy_test_result": None}, "/pregnancy_test_on"),
]


async def test_what_cannot_be_is_refused_with_a_pointer(nurse, record):
    for path, wrong, pointer in WRONG:
        answer = await nurse.post(f"{record}/{path}", json=KINDS[path][0] | wrong)
        assert answer.status_code == 422, (path, wrong, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer, (path, wrong)
    for path in KINDS:
        assert (await nurse.get(f"{record}/{path}")).json()["items"] == [], path


SCALES = [
    ({"kind": "SHED_SCORE", "scale": "HAIR_SHEDDING_SCALE"}, "1", "6", "0", "7", "3.5"),
    ({"kind": "SHED_SCORE", "scale": "HAIR_SHEDDING_VISUAL"}, "1", "9", "0", "10", "8.5"),
    ({"kind": "GPA7"}, "-3", "3", "-4", "4", "0.5"),
    ({"kind": "SATISFACTION"}, "1", "5", "0", "6", "1.1"),
    ({"kind": "PULL_TEST_SITE", "site": "VERTEX"}, "0", "60", "-1", "61", "1.5"),
    ({"kind": "SALT", "unit": "%"}, "0", "100", "-0.1", "100.1", None),
    ({"kind": "weight", "unit": "kg"}, "0.2", "500", "0.199", "500.1", None),
]


async def test_a_scale_ends_where_it_ends(nurse, record):
    url = f"{record}/measurements"
    for kind, low, high, below, above, between in SCALES:
        for value in (low, high):
            answer = await nurse.post(url, json=kind | {"value": value, "measured_at": AT})
            assert answer.status_code == 201, (kind, value, answer.text)
            assert answer.json()["value"] == value
        for value in filter(None, (below, above, between)):
            answer = await nurse.post(url, json=kind | {"value": value, "measured_at": AT})
            assert answer.status_code == 422, (kind, value)
            assert answer.json()["errors"][0]["pointer"] == "/value"


async def test_a_stage_is_a_grade_and_measurements_are_listed_by_kind(nurse, record):
    url = f"{record}/measurements"
    await made(nurse, url, KINDS["measurements"][0])
    stage = await made(nurse, url, {"kind": "NORWOOD", "grade": "III_VERTEX", "measured_at": AT})
    assert (stage["value"], stage["grade"]) == (None, "III_VERTEX")
    refused = await nurse.post(url, json={"kind": "NORWOOD", "value": "3", "measured_at": AT})
    assert refused.status_code == 422
    only = (await nurse.get(url, params={"kind": "NORWOOD"})).json()["items"]
    assert [item["id"] for item in only] == [stage["id"]]
    assert (await nurse.get(url, params={"kind": "MOOD"})).status_code == 422


ENDED = [
    ("conditions", "ended_on", "2026-02-01"),
    ("medications", "stopped_on", "2026-02-01"),
    ("therapies", "ended_on", "2026-02-01"),
    ("lifestyle-factors", "ended_on", "2026-02-01"),
    ("allergies", "status", "resolved"),
]


@pytest.mark.parametrize(("path", "field", "value"), ENDED)
async def test_an_entry_is_completed_but_not_rewritten(nurse, record, path, field, value):
    entry = await made(nurse, f"{record}/{path}", KINDS[path][0])
    url, matching = f"{record}/{path}/{entry['id']}", {"If-Match": '"1"'}
    assert (await nurse.patch(url, json={field: value})).status_code == 428
    rewritten = await nurse.patch(url, json={"code": "OTHER"}, headers=matching)
    assert rewritten.status_code == 422
    changed = await nurse.patch(url, json={field: value}, headers=matching)
    assert changed.status_code == 200, changed.text
    assert (await nurse.get(url)).json() == entry | {
        field: value, "version": 2,
    }  # fmt: skip
    stale = await nurse.patch(url, json={field: value}, headers=matching)
    assert stale.status_code == 412
    if field != "status":
        before = await nurse.patch(url, json={field: "2018-01-01"}, headers={"If-Match": '"2"'})
        assert before.status_code == 422
        assert before.json()["errors"][0]["pointer"] == f"/{field}"
