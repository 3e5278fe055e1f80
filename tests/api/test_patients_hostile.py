"""Hostile and merely strange input: an answer of the 400s, or exactly what was sent."""

import asyncio

import pytest

from tests.factories import made, make_patient

STRANGE_NAMES = [
    "O'Brien", "李", "Ω", "ﷺ", "İbrahim", "Jean\u2010Luc", "Ann%", "_", "Robert'); DROP TABLE",
    "e\u0301", "🙂", "--", "١٢", "a" * 120,
]  # fmt: skip


async def test_strange_names_are_kept_as_they_are_and_found_again(as_role):
    nurse = as_role("nurse")
    for name in STRANGE_NAMES:
        patient = await make_patient(nurse, given_name=name, family_name=name)
        assert (patient["given_name"], patient["family_name"]) == (name, name)
        answer = await nurse.post("/v1/patients/search", json={"q": name, "limit": 100})
        if name in {"_", "--", "🙂"}:
            assert answer.status_code == 422, name
            continue
        assert patient["id"] in [item["id"] for item in answer.json()["items"]], name


@pytest.mark.parametrize(
    "body",
    [
        b'{"q": "a\\u0000b"}', b'{"q": "\\ud800"}', b'{"q": 5}', b'{"q": ["a"]}', b'{"q": ""}',
        b'{"q": "a", "limit": 0}', b'{"q": "a", "limit": 101}', b'{"q": "a", "q": "b"}',
        b'{"q": "a", "cursor": "P-1"}', b'{"born_on": "1989-04-02T00:00:00Z"}', b"[]", b"{", b"",
        b'{"q": "' + b"a" * 121 + b'"}',
    ],
)  # fmt: skip
async def test_a_search_that_makes_no_sense_is_refused(as_role, body):
    answer = await as_role("nurse").post(
        "/v1/patients/search", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_cursor_of_another_list_is_refused(as_role):
    nurse = as_role("nurse")
    ids = [(await make_patient(nurse, given_name=f"A{n}"))["id"] for n in range(2)]
    cursor = (await nurse.get("/v1/patients?limit=1")).json()["next_cursor"]
    for url in (f"/v1/patients/{ids[0]}/timeline", f"/v1/patients/{ids[0]}/allergies"):
        answer = await nurse.get(url, params={"cursor": cursor})
        assert answer.status_code == 422
    assert (await nurse.get(f"/v1/patients/{ids[0]}/timeline?kind=gossip")).status_code == 422


async def test_two_people_who_change_one_patient_do_not_overwrite_each_other(as_role):
    desk = as_role("receptionist")
    patient = await make_patient(desk)
    url = f"/v1/patients/{patient['id']}"
    answers = await asyncio.gather(
        *(
            desk.patch(url, json={"notes": f"Call {n}"}, headers={"If-Match": '"1"'})
            for n in range(6)
        )
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 5
    (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (await desk.get(url)).json() == winner


async def test_one_entry_is_marked_as_wrong_once(as_role):
    nurse = as_role("nurse")
    url = f"/v1/patients/{(await make_patient(nurse))['id']}/conditions"
    entry = await made(nurse, url, {"code": "SMOKER"})
    answers = await asyncio.gather(
        *(
            nurse.post(
                f"{url}/{entry['id']}/entered-in-error",
                json={"reason": "Wrong."},
                headers={"If-Match": '"1"'},
            )
            for _ in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
