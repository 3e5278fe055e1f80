"""Plans: drafting, what is pinned, lists, and who may see what."""

import pytest

from tests.factories import made
from tests.factories_plans import MOVES, biotin, match, plan_draft, read_plan
from tests.factories_sessions import make_treatable_patient, moved, protocol_id
from tests.queries import counted_queries

UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
async def draft(as_role, clinic):
    return await plan_draft(as_role, clinic)


async def test_a_plan_begins_as_a_draft_that_pins_its_versions(as_role, draft):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    assert created.status_code == 201, created.text
    plan = created.json()
    assert created.headers["location"] == f"/v1/plans/{plan['id']}"
    assert (plan["state"], plan["possible"]) == ("draft", ["activate", "change"])
    assert (plan["protocol_version"], plan["newer_protocol_version"]) == (1, None)
    assert (plan["formula_version"], plan["newer_formula_version"]) == (1, None)
    assert plan["practitioner_name"] == "Practitioner"
    assert plan["volume_per_session_ml"] == "2"
    assert plan["holds"] == []
    again = await read_plan(practitioner, plan)
    assert again.json() == plan
    assert again.headers["etag"] == created.headers["etag"]


async def new_version(author, formula_id):
    path = f"/v1/formulas/{formula_id}"
    etag = match(await author.get(path))
    answer = await author.post(f"{path}/versions", json=biotin(), headers=etag)
    assert answer.status_code == 201, answer.text


async def test_a_plan_keeps_its_version_and_says_when_a_newer_one_is_approved(as_role, draft):
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    plan = await made(practitioner, "/v1/plans", draft)
    await new_version(practitioner, draft["formula_id"])
    assert (await read_plan(practitioner, plan)).json()["newer_formula_version"] is None

    await moved(director, f"/v1/formulas/{draft['formula_id']}", "versions/2/approve")
    now = (await read_plan(practitioner, plan)).json()
    assert (now["formula_version"], now["newer_formula_version"]) == (1, 2)

    later = await made(practitioner, "/v1/plans", draft)
    assert later["formula_version"] == 2
    earlier = await made(practitioner, "/v1/plans", draft | {"formula_version": 1})
    assert earlier["formula_version"] == 1


@pytest.mark.parametrize(
    "field",
    ["patient_id", "protocol_id", "formula_id", "practitioner_id"],
)
async def test_what_a_plan_names_must_exist(as_role, draft, field):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | {field: UNKNOWN})
    assert answer.status_code == 404
    assert answer.json()["pointer"] == f"/{field}"


@pytest.mark.parametrize("field", ["protocol_version", "formula_version"])
async def test_a_version_that_is_not_there_is_not_found(as_role, draft, field):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | {field: 2})
    assert (answer.status_code, answer.json()["pointer"]) == (404, f"/{field}")


async def test_only_who_takes_sessions_can_have_a_plan(as_role, draft, clinic):
    body = draft | {"practitioner_id": str(clinic.staff["nurse"])}
    answer = await as_role("practitioner").post("/v1/plans", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/practitioner_id", "not_bookable")


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"volume_per_session_ml": "0"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "1000.001"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "1.0005"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "-1"}, "/volume_per_session_ml"),
        ({"areas": []}, "/areas"),
        ({"areas": ["SCALP", "SCALP"]}, "/areas"),
        ({"areas": ["MOON"]}, "/areas/0"),
        ({"technique": "HAMMER"}, "/technique"),
        ({"needle_gauge": 9}, "/needle_gauge"),
        ({"points": 0}, "/points"),
        ({"diagnosis_icd10": "hair loss"}, "/diagnosis_icd10"),
        ({"protocol_version": 0}, "/protocol_version"),
        ({"goal": "A typo"}, "/goal"),
    ],
)
async def test_what_cannot_be_is_refused_at_the_field(as_role, draft, over, pointer):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | over)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await as_role("practitioner").get("/v1/plans")).json()["items"] == []


@pytest.mark.parametrize("volume", ["0.001", "1000"])
async def test_the_bounds_of_the_volume_are_inclusive(as_role, draft, volume):
    body = draft | {"volume_per_session_ml": volume}
    assert (await made(as_role("practitioner"), "/v1/plans", body))[
        "volume_per_session_ml"
    ] == volume


async def test_a_draft_is_changed_by_merge_patch(as_role, draft):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    path = created.headers["location"]
    patch = {"volume_per_session_ml": "1.5", "depth_mm": "2.5", "goals": None}
    changed = await practitioner.patch(path, json=patch, headers=match(created))
    assert changed.status_code == 200
    plan = changed.json()
    assert (plan["volume_per_session_ml"], plan["depth_mm"], plan["goals"]) == ("1.5", "2.5", None)
    assert plan["areas"] == ["SCALP"]
    assert plan["version"] == created.json()["version"] + 1

    other = await protocol_id(practitioner, "P-PRP")
    repinned = await practitioner.patch(path, json={"protocol_id": other}, headers=match(changed))
    assert repinned.json()["protocol_id"] == other
    stale = await practitioner.patch(path, json=patch, headers=match(changed))
    assert stale.status_code == 412
    assert (await practitioner.patch(path, json=patch)).status_code == 428


@pytest.mark.parametrize("field", ["areas", "formula_id", "volume_per_session_ml"])
async def test_what_a_plan_must_have_cannot_be_removed(as_role, draft, field):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    answer = await practitioner.patch(
        created.headers["location"], json={field: None}, headers=match(created)
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]


async def test_a_retired_version_is_not_pinned_any_more(as_role, draft):
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    path = f"/v1/protocols/{draft['protocol_id']}"
    await moved(director, path, "versions/1/retire", {"reason": "Replaced."})
    unsaid = await practitioner.post("/v1/plans", json=draft)
    assert unsaid.status_code == 422
    assert unsaid.json()["errors"][0]["pointer"] == "/protocol_id"
    said = await practitioner.post("/v1/plans", json=draft | {"protocol_version": 1})
    assert said.status_code == 422
    assert said.json()["errors"][0]["pointer"] == "/protocol_version"


async def test_lists_filter_and_page(as_role, draft):
    practitioner = as_role("practitioner")
    first = await made(practitioner, "/v1/plans", draft)
    patient = await make_treatable_patient(practitioner, given_name="Noé")
    second = await made(practitioner, "/v1/plans", draft | {"patient_id": patient["id"]})
    await moved(practitioner, f"/v1/plans/{second['id']}", "activate")

    async def listed(**query):
        answer = await practitioner.get("/v1/plans", params=query)
        assert answer.status_code == 200, answer.text
        return [plan["id"] for plan in answer.json()["items"]]

    assert await listed() == [second["id"], first["id"]]
    assert await listed(patient_id=patient["id"]) == [second["id"]]
    assert await listed(state="draft") == [first["id"]]
    assert await listed(practitioner_id=draft["practitioner_id"]) == [second["id"], first["id"]]
    assert await listed(practitioner_id=UNKNOWN) == []
    assert await listed(protocol_id=draft["protocol_id"]) == [second["id"], first["id"]]
    assert await listed(formula_id=UNKNOWN) == []
    page = await practitioner.get("/v1/plans", params={"limit": 1, "with_total": True})
    assert page.json()["total"] == 2
    following = await practitioner.get(page.links["next"]["url"])
    assert [plan["id"] for plan in following.json()["items"]] == [first["id"]]


async def test_the_desk_sees_a_plan_without_its_clinical_part(as_role, draft):
    plan = await made(as_role("practitioner"), "/v1/plans", draft)
    seen = (await read_plan(as_role("receptionist"), plan)).json()
    assert (seen["state"], seen["volume_per_session_ml"]) == ("draft", "2")
    assert (seen["diagnosis_icd10"], seen["goals"], seen["expectations"]) == (None, None, None)
    assert (await read_plan(as_role("nurse"), plan)).json()["diagnosis_icd10"] == "L64.9"
    refused = await as_role("nurse").post("/v1/plans", json=draft)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "plans:write")


async def test_another_clinics_plan_does_not_exist(as_role, draft):
    plan = await made(as_role("practitioner"), "/v1/plans", draft)
    path, stranger, etag = f"/v1/plans/{plan['id']}", as_role("other:medical_director"), '"1"'
    for tail in ("", "/holds", "/window"):
        assert (await stranger.get(path + tail)).status_code == 404
    headers = {"If-Match": etag}
    assert (await stranger.patch(path, json={}, headers=headers)).status_code == 404
    for move, body in MOVES.items():
        answer = await stranger.post(f"{path}/{move}", json=body, headers=headers)
        assert answer.status_code == 404, move
    theirs = {"practitioner_id", "formula_id", "patient_id"}
    mine = draft | {"protocol_id": await protocol_id(stranger, "P-PRP")}
    answer = await stranger.post("/v1/plans", json=mine)
    assert answer.status_code == 404
    assert answer.json()["pointer"].removeprefix("/") in theirs


async def test_a_page_of_plans_costs_the_same_however_many_it_shows(app, as_role, draft):
    practitioner = as_role("practitioner")

    async def cost():
        with counted_queries(app) as statements:
            answer = await practitioner.get("/v1/plans")
        return len(answer.json()["items"]), len(statements)

    await made(practitioner, "/v1/plans", draft)
    one = await cost()
    for _ in range(4):
        await made(practitioner, "/v1/plans", draft)
    assert await cost() == (5, one[1])
