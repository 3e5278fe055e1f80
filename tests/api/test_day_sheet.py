"""Everything for one day in one call, and no more of it than the caller may see."""

import pytest

from tests.factories import made
from tests.factories_sessions import (
    administer,
    book,
    check_in,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries

TEN, ELEVEN = "2026-03-03T10:00:00+01:00", "2026-03-03T11:00:00+01:00"


async def sheet(client, on="2026-03-03", **query):
    answer = await client.get("/v1/day-sheet", params={"on": on, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def book_for(as_role, clinic, starts_at, formula=None, **over):
    patient = await make_treatable_patient(as_role("practitioner"), **over)
    plan = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
    return await book(as_role("receptionist"), plan, clinic, starts_at)


@pytest.fixture
async def formula(as_role):
    return await make_approved_formula(as_role("practitioner"), as_role("medical_director"))


async def test_the_day_in_order_with_formula_and_lots(as_role, clinic, formula):
    second = await book_for(as_role, clinic, ELEVEN, formula, family_name="Second")
    first = await book_for(as_role, clinic, TEN, formula, family_name="First")
    practitioner = as_role("practitioner")
    late = await make_lot(practitioner, lot_number="LATE", expires_on="2027-08")
    soon = await make_lot(practitioner, lot_number="SOON", expires_on="2026-03-03")
    await make_lot(practitioner, lot_number="GONE", expires_on="2026-03-02")
    await make_lot(practitioner, "DEXPANTHENOL", received_volume_ml="1.9", lot_number="SMALL")
    day = await sheet(practitioner)
    assert (day["on"], day["time_zone"]) == ("2026-03-03", "Europe/Paris")
    assert [each["id"] for each in day["items"]] == [first["id"], second["id"]]
    item = day["items"][0]
    assert item["patient"]["family_name"] == "First"
    assert (item["practitioner_name"], item["room_name"]) == ("Practitioner", "Room 1")
    assert item["possible"] == ["cancel", "check-in", "confirm", "reschedule"]
    assert item["formula"]["volume_per_session_ml"] == "2"
    assert [
        (line["ingredient_code"], line["stock_concentration"]["value"], line["volume_ml"])
        for line in item["formula"]["components"]
    ] == [("DEXPANTHENOL", "250", "1"), ("BIOTIN", "5", "1")]
    biotin, dexpanthenol = day["supplies"]
    assert (biotin["sessions"], biotin["volume_ml"], biotin["enough"]) == (2, "2", True)
    assert [lot["lot_id"] for lot in biotin["lots"]] == [soon["id"], late["id"]]
    assert biotin["lots"][0]["expires_on"] == "2026-03-03"
    assert (dexpanthenol["volume_ml"], dexpanthenol["enough"]) == ("2", False)


async def test_alerts_holds_and_open_findings(as_role, clinic, formula):
    session = await book_for(as_role, clinic, TEN, formula)
    practitioner = as_role("practitioner")
    path = f"/v1/patients/{session['patient_id']}"
    (none,) = (await practitioner.get(f"{path}/allergies")).json()["items"]
    await moved(practitioner, f"{path}/allergies/{none['id']}", "entered-in-error",
                {"reason": "There is one after all."})  # fmt: skip
    allergy = {"code": "FISH", "severity": "severe", "reaction": "Swelling."}
    await made(practitioner, f"{path}/allergies", allergy)
    await made(practitioner, "/v1/side-effects", {
        "patient_id": session["patient_id"], "code": "AE_SHED_EARLY", "grade": 1,
        "first_noticed_on": "2026-03-02", "description": "More hair.", "reported_by": "patient",
    })  # fmt: skip
    await made(as_role("medical_director"), "/v1/holds", {
        "scope": "plan", "plan_id": session["plan_id"], "reason": "A result is awaited.",
    })  # fmt: skip
    (item,) = (await sheet(practitioner))["items"]
    assert item["alerts"]["allergies"] == [
        {"code": "FISH", "ingredient_code": None, "severity": "severe"}
    ]
    assert item["alerts"]["allergies_asked"] is True
    assert item["alerts"]["conditions"] == []
    assert [each["code"] for each in item["alerts"]["side_effects"]] == ["AE_SHED_EARLY"]
    assert [each["scope"] for each in item["holds"]] == ["plan"]
    review = (await practitioner.get("/v1/worklists/review")).json()["items"]
    assert {each["item_id"] for each in item["findings"]} == {each["id"] for each in review}


async def test_each_role_sees_its_part(as_role, clinic, formula):
    await book_for(as_role, clinic, TEN, formula)

    def parts(day):
        (item,) = day["items"]
        return {
            "names": item["patient"]["family_name"] is not None,
            "alerts": item["alerts"] is not None,
            "findings": item["findings"] is not None,
            "formula": item["formula"] is not None,
            "supplies": day["supplies"] is not None,
        }

    everything = dict.fromkeys(("names", "alerts", "findings", "formula", "supplies"), True)
    assert parts(await sheet(as_role("nurse"))) == everything
    desk = everything | {"alerts": False, "formula": False, "supplies": False}
    assert parts(await sheet(as_role("receptionist"))) == desk
    assert parts(await sheet(as_role("owner"))) == everything | {"alerts": False}
    assert (await sheet(as_role("other:nurse")))["items"] == []


async def test_what_is_over_needs_nothing_more(as_role, clinic, clock, formula):
    session = await book_for(as_role, clinic, "2026-03-02T10:00:00+01:00", formula)
    other = await book_for(as_role, clinic, "2026-03-02T14:00:00+01:00", formula)
    nurse = as_role("nurse")
    assert (await sheet(nurse, "2026-03-02"))["supplies"][0]["sessions"] == 2
    clock.advance(hours=1)
    await check_in(nurse, session)
    await administer(as_role("practitioner"), session, "2026-03-02T10:00:00+01:00")
    await moved(nurse, f"/v1/sessions/{other['id']}", "cancel", {"reason": "Ill."})
    day = await sheet(nurse, "2026-03-02")
    assert [each["state"] for each in day["items"]] == ["completed"]
    assert day["supplies"] == []


@pytest.mark.parametrize(
    ("starts_at", "on"),
    [
        ("2026-03-28T23:30:00+01:00", "2026-03-28"),
        ("2026-03-29T00:00:00+01:00", "2026-03-29"),
        ("2026-03-29T23:30:00+02:00", "2026-03-29"),
        ("2026-03-30T00:00:00+02:00", "2026-03-30"),
    ],
)
async def test_a_day_begins_and_ends_at_local_midnight(as_role, clinic, formula, starts_at, on):
    session = await book_for(as_role, clinic, starts_at, formula)
    days = ("2026-03-28", "2026-03-29", "2026-03-30")
    shown = {
        day: [each["id"] for each in (await sheet(as_role("nurse"), day))["items"]] for day in days
    }
    assert shown == {day: [session["id"]] if day == on else [] for day in days}


async def test_one_practitioner_or_one_room(as_role, clinic, formula):
    await book_for(as_role, clinic, TEN, formula)
    nurse = as_role("nurse")
    for name, there, elsewhere in (
        ("practitioner_id", clinic.staff["practitioner"], clinic.staff["second:practitioner"]),
        ("room_id", clinic.room_ids[0], clinic.room_ids[1]),
    ):
        assert len((await sheet(nurse, **{name: str(there)}))["items"]) == 1
        assert (await sheet(nurse, **{name: str(elsewhere)}))["items"] == []


async def test_the_queries_do_not_grow_with_the_day(as_role, clinic, app, formula):
    nurse = as_role("nurse")

    async def count():
        with counted_queries(app) as sent:
            await sheet(nurse)
        return len(sent)

    await book_for(as_role, clinic, TEN, formula)
    alone = await count()
    for hour in (11, 12, 13):  # each with a formula of its own
        await book_for(as_role, clinic, f"2026-03-03T{hour}:00:00+01:00", family_name=f"H {hour}")
    assert len((await sheet(nurse))["items"]) == 4
    assert await count() == alone <= 14
