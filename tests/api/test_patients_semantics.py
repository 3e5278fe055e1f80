"""Entries that speak about other entries: none known, none taken, consents, pregnancy."""

import asyncio

import pytest

from tests.factories import made, make_patient

NONE = {"code": "NO_KNOWN_ALLERGIES"}
FISH = {"code": "FISH", "severity": "severe"}
REFUSED = {"type": "/problems/already-exists", "status": 409}


@pytest.fixture
async def nurse(as_role):
    return as_role("nurse")


@pytest.fixture
async def record(nurse):
    return f"/v1/patients/{(await make_patient(nurse))['id']}"


async def chart(client, record):
    answer = await client.get(f"{record}/chart")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_not_asked_none_known_and_allergic_are_three_things(nurse, record):
    url = f"{record}/allergies"
    alerts = (await chart(nurse, record))["alerts"]
    assert (alerts["allergies_asked"], alerts["allergies"]) == (False, [])

    none = await made(nurse, url, NONE)
    alerts = (await chart(nurse, record))["alerts"]
    assert (alerts["allergies_asked"], alerts["allergies"]) == (True, [])

    fish = await made(nurse, url, FISH)
    alerts = (await chart(nurse, record))["alerts"]
    assert [allergy["code"] for allergy in alerts["allergies"]] == ["FISH"]
    superseded = (await nurse.get(f"{url}/{none['id']}")).json()
    assert superseded == none | {"status": "refuted", "version": 2}

    refused = await nurse.post(url, json=NONE)
    assert refused.status_code == 409
    assert refused.json() | REFUSED == refused.json()
    assert refused.json()["allergy_ids"] == [fish["id"]]


async def test_a_wrong_allergy_does_not_bring_back_that_there_are_none(nurse, record):
    url = f"{record}/allergies"
    await made(nurse, url, NONE)
    fish = await made(nurse, url, FISH)
    marked = await nurse.post(
        f"{url}/{fish['id']}/entered-in-error",
        json={"reason": "Another patient's."},
        headers={"If-Match": '"1"'},
    )
    assert marked.status_code == 200
    assert (await chart(nurse, record))["alerts"]["allergies_asked"] is False
    assert (await nurse.post(url, json=NONE)).status_code == 201


async def test_an_allergy_that_is_over_lets_none_be_recorded(nurse, record):
    url = f"{record}/allergies"
    await made(nurse, url, FISH | {"status": "resolved"})
    await made(nurse, url, NONE)
    again = (await nurse.get(url)).json()["items"][1]
    back = await nurse.patch(
        f"{url}/{again['id']}", json={"status": "active"}, headers={"If-Match": '"1"'}
    )
    assert back.status_code == 200
    statuses = {item["code"]: item["status"] for item in (await nurse.get(url)).json()["items"]}
    assert statuses == {"FISH": "active", "NO_KNOWN_ALLERGIES": "refuted"}


async def test_none_known_and_an_allergy_at_the_same_time_do_not_both_stand(nurse, record):
    url = f"{record}/allergies"
    await asyncio.gather(nurse.post(url, json=NONE), nurse.post(url, json=FISH))
    items = (await nurse.get(url)).json()["items"]
    assert [item["code"] for item in items if item["status"] == "active"] == ["FISH"]


async def test_an_allergy_to_an_ingredient_has_its_code(nurse, record):
    entry = await made(nurse, f"{record}/allergies", {"ingredient_code": "PDRN"})
    assert (entry["code"], entry["ingredient_code"]) == ("PDRN", "PDRN")


async def test_none_taken_ends_with_the_first_medicine(nurse, record):
    url = f"{record}/medications"
    assert (await chart(nurse, record))["medications_asked"] is False
    none = await made(nurse, url, {"code": "NO_MEDICATION"})
    shown = await chart(nurse, record)
    assert (shown["medications_asked"], shown["medications"]) == (True, [])
    await made(nurse, url, {"code": "WARFARIN", "name": "Coumadin"})
    ended = (await nurse.get(f"{url}/{none['id']}")).json()
    assert ended["stopped_on"] == "2026-03-02"
    refused = await nurse.post(url, json={"code": "NO_MEDICATION"})
    assert refused.status_code == 409
    names = [item["name"] for item in (await chart(nurse, record))["medications"]]
    assert names == ["Coumadin"]


CONSENT = {"document_code": "MESO", "document_version": "3", "signed_on": "2026-03-02"}


async def test_a_consent_holds_through_its_last_day(nurse, record, clock):
    consent = await made(nurse, f"{record}/consents", CONSENT)
    url = f"{record}/consents/{consent['id']}"
    for days, state in ((365, "valid"), (366, "expired")):
        clock.set(clock.now.replace(year=2026, month=3, day=2))
        clock.advance(days=days)
        assert (await nurse.get(url)).json()["state"] == state, days


async def test_a_consent_is_withdrawn_once(nurse, record):
    consent = await made(nurse, f"{record}/consents", CONSENT)
    url = f"{record}/consents/{consent['id']}"
    body, matching = {"reason": "Changed her mind."}, {"If-Match": '"1"'}
    for on, code in (("2026-03-03", "in_the_future"), ("2026-03-01", "before_its_start")):
        refused = await nurse.post(
            f"{url}/withdraw", json=body | {"withdrawn_on": on}, headers=matching
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == code
    withdrawn = await nurse.post(f"{url}/withdraw", json=body, headers=matching)
    assert withdrawn.status_code == 200, withdrawn.text
    now = (await nurse.get(url)).json()
    assert (now["state"], now["withdrawn_on"]) == ("withdrawn", "2026-03-02")
    again = await nurse.post(f"{url}/withdraw", json=body, headers={"If-Match": '"2"'})
    assert again.status_code == 409
    assert again.json()["state"] == "withdrawn"


async def test_the_newest_standing_answer_about_pregnancy_counts(nurse, record, clock):
    url = f"{record}/pregnancy-statements"
    asked = {"stated_on": "2026-03-01", "childbearing_potential": True}
    await made(nurse, url, asked | {"pregnancy_status": "not_pregnant", "lactating": False})
    clock.advance(days=7)
    later = await made(nurse, url, {"stated_on": "2026-03-09", "pregnancy_status": "pregnant"})
    pregnancy = (await chart(nurse, record))["alerts"]["pregnancy"]
    assert pregnancy == {
        "childbearing_potential": True, "status": "pregnant", "asked_on": "2026-03-09",
        "test_on": None, "test_result": None, "contraception_effective": None, "lactating": False,
    }  # fmt: skip
    await nurse.post(
        f"{url}/{later['id']}/entered-in-error",
        json={"reason": "Misheard."},
        headers={"If-Match": '"1"'},
    )
    pregnancy = (await chart(nurse, record))["alerts"]["pregnancy"]
    assert (pregnancy["status"], pregnancy["asked_on"]) == ("not_pregnant", "2026-03-01")


async def test_a_statement_without_an_answer_is_refused(nurse, record):
    url = f"{record}/pregnancy-statements"
    refused = await nurse.post(url, json={"stated_on": "2026-03-02", "notes": "Later."})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "nothing_stated"
