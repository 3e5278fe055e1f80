"""Registering patients, finding them, and changing who they are."""

import asyncio

import pytest

from tests.factories import make_patient

ADA = {
    "given_name": "Ada", "family_name": "Moreau", "born_on": "1989-04-02", "sex": "female",
    "phone": "+33612345678", "email": "ada@example.org", "language": "fr",
}  # fmt: skip


async def test_a_patient_is_registered_and_read_again(as_role):
    desk = as_role("receptionist")
    answer = await desk.post("/v1/patients", json=ADA)
    assert answer.status_code == 201, answer.text
    patient = answer.json()
    assert patient["record_number"] == "P-000001"
    assert patient["version"] == 1
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/patients/{patient['id']}"
    assert {name: patient[name] for name in ADA} == ADA

    read = await desk.get(answer.headers["Location"])
    assert read.status_code == 200
    assert read.json() == patient
    assert read.headers["ETag"] == '"1"'
    unchanged = await desk.get(answer.headers["Location"], headers={"If-None-Match": '"1"'})
    assert unchanged.status_code == 304


async def test_another_clinics_patient_does_not_exist(as_role):
    patient = await make_patient(as_role("receptionist"))
    other = as_role("other:receptionist")
    assert (await other.get(f"/v1/patients/{patient['id']}")).status_code == 404
    found = await other.post("/v1/patients/search", json={"q": "moreau"})
    assert found.json()["items"] == []
    listed = await other.get("/v1/patients")
    assert listed.json()["items"] == []


async def test_record_numbers_are_given_once_and_per_clinic(as_role):
    nurse, other = as_role("nurse"), as_role("other:nurse")
    made = await asyncio.gather(*(make_patient(nurse, given_name=f"A{n}") for n in range(8)))
    assert sorted(patient["record_number"] for patient in made) == [
        f"P-{number:06d}" for number in range(1, 9)
    ]
    assert (await make_patient(other))["record_number"] == "P-000001"


@pytest.mark.parametrize(
    ("again", "same"),
    [
        ({"given_name": "Ada", "family_name": "Moreau"}, ["born_on", "name"]),
        ({"given_name": "ADA", "family_name": "Moréau"}, ["born_on", "name"]),
        ({"given_name": "Moreau", "family_name": "Ada"}, ["born_on", "name"]),
        ({"given_name": "Ada Marie", "family_name": "Moreau"}, ["born_on", "name"]),
        ({"given_name": "Adda", "family_name": "Moreau"}, ["born_on", "name"]),
        ({"family_name": "Petit", "born_on": "2000-01-01", "phone": "06 12 34 56 78"}, ["phone"]),
        ({"family_name": "Petit", "born_on": "2000-01-01", "phone": "0033612345678"}, ["phone"]),
        ({"phone": "+33 6 12 34 56 78"}, ["born_on", "name", "phone"]),
    ],
)
async def test_somebody_who_may_be_registered_already_is_pointed_out(as_role, again, same):
    desk = as_role("receptionist")
    first = (await desk.post("/v1/patients", json=ADA)).json()
    body = {name: value for name, value in ADA.items() if name != "phone"} | again

    refused = await desk.post("/v1/patients", json=body)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/possible-duplicate"
    assert problem["candidates"] == [{"id": first["id"], "record_number": "P-000001", "same": same}]
    assert "Moreau" not in refused.text
    assert len((await desk.get("/v1/patients")).json()["items"]) == 1

    allowed = await desk.post("/v1/patients?allow_duplicate=true", json=body)
    assert allowed.status_code == 201
    assert allowed.json()["record_number"] == "P-000002"


@pytest.mark.parametrize(
    "other",
    [
        {"born_on": "1989-04-03"},
        {"given_name": "Luc", "family_name": "Petit"},
        {"given_name": "Zoé"},
    ],
)
async def test_somebody_else_is_registered_without_warning(as_role, other):
    desk = as_role("receptionist")
    await desk.post("/v1/patients", json=ADA)
    answer = await desk.post("/v1/patients", json=ADA | {"phone": "+33698765432"} | other)
    assert answer.status_code == 201, answer.text


FINDS = (
    "mor", "MOREAU", "moreau ada", "ada mor", "d’arc", "darc", "arc", "jeanne-ma", "marie",
    "œuv", "oeuvre", "06 12 34 56 78", "+33612345678", "5678", "P-000002", "p-2", "2", "000002",
    "moreau 0612",
)  # fmt: skip
FINDS_NOBODY = ("oreau", "ada petit", "0699", "P-000009", "moreaux", "moreau 0699")


async def test_a_patient_is_found_by_any_word(as_role):
    nurse = as_role("nurse")
    await make_patient(nurse, given_name="Luc", family_name="Petit", phone="+33499999999")
    wanted = await make_patient(
        nurse, given_name="Ada Jeanne-Marie", family_name="Moreau d’Arc Œuvré",
        phone="+33612345678",
    )  # fmt: skip
    for question in FINDS:
        answer = await nurse.post("/v1/patients/search", json={"q": question})
        assert answer.status_code == 200, answer.text
        assert [item["id"] for item in answer.json()["items"]] == [wanted["id"]], question
    for question in FINDS_NOBODY:
        answer = await nurse.post("/v1/patients/search", json={"q": question})
        assert answer.json()["items"] == [], question


async def test_a_patient_is_found_by_birthday_and_by_the_new_name(as_role):
    nurse = as_role("nurse")
    patient = await make_patient(nurse)
    await make_patient(nurse, given_name="Luc", born_on="1990-01-01")
    asked = {"born_on": "1989-04-02"}
    found = (await nurse.post("/v1/patients/search", json=asked)).json()["items"]
    assert [item["id"] for item in found] == [patient["id"]]

    changed = await nurse.patch(
        f"/v1/patients/{patient['id']}",
        json={"family_name": "Lovelace"},
        headers={"If-Match": '"1"'},
    )
    assert changed.status_code == 200, changed.text
    for question, expected in (("lovel", 1), ("ada mor", 0)):
        answer = await nurse.post("/v1/patients/search", json={"q": question})
        assert len(answer.json()["items"]) == expected, question


@pytest.mark.parametrize("few", [2, 500])
async def test_search_pages_hold_everybody_once_by_name(as_role, monkeypatch, few):
    monkeypatch.setattr("api.patients.service._FEW", few)  # both ways of finding them
    nurse = as_role("nurse")
    for number in range(7):
        await make_patient(nurse, given_name=f"Ada{number % 3}", family_name="Same")
    seen, cursor = [], None
    for _ in range(3):
        body = {"q": "same", "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await nurse.post("/v1/patients/search", json=body)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert len({item["id"] for item in seen}) == len(seen) == 7
    assert [item["given_name"] for item in seen] == sorted(item["given_name"] for item in seen)


@pytest.mark.parametrize("body", [{}, {"q": None}, {"q": "--"}, {"q": "a", "cursor": "x"}])
async def test_a_search_for_nothing_is_refused(as_role, body):
    answer = await as_role("nurse").post("/v1/patients/search", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/invalid-request"


async def test_the_list_is_paged_newest_first_without_personal_data_in_its_cursor(as_role):
    desk = as_role("receptionist")
    made = [(await make_patient(desk, given_name=f"N{n}"))["id"] for n in range(5)]
    first = await desk.get("/v1/patients?limit=3&with_total=true")
    page = first.json()
    assert [item["id"] for item in page["items"]] == made[:1:-1]
    assert page["total"] == 5
    assert 'rel="next"' in first.headers["Link"]
    rest = await desk.get("/v1/patients", params={"limit": 3, "cursor": page["next_cursor"],
                                                  "with_total": "true"})  # fmt: skip
    assert [item["id"] for item in rest.json()["items"]] == made[1::-1]
    assert rest.json()["next_cursor"] is None


async def test_a_merge_patch_changes_what_it_says_and_nothing_else(as_role):
    desk = as_role("receptionist")
    patient = (await desk.post("/v1/patients", json=ADA)).json()
    url = f"/v1/patients/{patient['id']}"
    body = {"email": None, "address": "3 rue des Lilas"}

    assert (await desk.patch(url, json=body)).status_code == 428
    stale = await desk.patch(url, json=body, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = await desk.patch(
        url, json=body,
        headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    now = (await desk.get(url)).json()
    assert now == changed.json()
    assert (now["email"], now["address"], now["phone"]) == (None, "3 rue des Lilas", ADA["phone"])
    assert now["version"] == 2


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"given_name": None}, "/given_name"),
        ({"given_name": "  "}, "/given_name"),
        ({"born_on": "2026-03-03"}, "/born_on"),
        ({"born_on": "1989-02-30"}, "/born_on"),
        ({"sex": "f"}, "/sex"),
        ({"phone": "123"}, "/phone"),
        ({"phone": "call me"}, "/phone"),
        ({"email": "ada"}, "/email"),
        ({"language": "French"}, "/language"),
        ({"nickname": "A"}, "/nickname"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_pointer(as_role, wrong, pointer):
    desk = as_role("receptionist")
    refused = await desk.post("/v1/patients", json=ADA | wrong)
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    patient = (await desk.post("/v1/patients", json=ADA)).json()
    url = f"/v1/patients/{patient['id']}"
    refused = await desk.patch(url, json=wrong, headers={"If-Match": '"1"'})
    assert refused.status_code == 422, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert (await desk.get(url)).json() == patient


async def test_born_today_in_the_clinics_zone_is_not_the_future(as_role, clock):
    clock.set(clock.now.replace(hour=23, minute=30))  # 00:30 of the next day in Paris
    desk = as_role("receptionist")
    assert (await desk.post("/v1/patients", json=ADA | {"born_on": "2026-03-03"})).is_success


async def test_registering_again_with_the_same_key_has_one_effect(as_role):
    desk = as_role("receptionist")
    headers = {"Idempotency-Key": "register-ada-1"}
    first = await desk.post("/v1/patients", json=ADA, headers=headers)
    again = await desk.post("/v1/patients", json=ADA, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len((await desk.get("/v1/patients")).json()["items"]) == 1


async def test_who_may_only_read_cannot_register(as_role):
    refused = await as_role("auditor").post("/v1/patients", json=ADA)
    assert refused.status_code == 403
    assert refused.json()["missing_scope"] == "patients:write"
