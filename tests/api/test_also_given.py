"""What is given at a visit without an injection: noted, shown, summed, and taken back."""

from datetime import datetime

import pytest

from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    book,
    check_in,
    component,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    move_on,
    moved,
    performance,
    treated,
)

AT = "2026-03-03T10:00:00Z"
RULE = "DOSE-LA-ADDITIVE"


def cream(amount: str | None = "12", strength: str = "2.5", **over):
    """Lidocaine 2.5 % in g: 25 mg per g, so 12 g are 300 mg."""
    entry = {
        "ingredient_code": "LIDOCAINE",
        "name": "Numbing cream 2.5 %",
        "route": "topical",
        "strength": {"value": strength, "unit": "%"},
        "areas": ["SCALP_FRONTAL"],
    }
    if amount is not None:
        entry["amount"] = {"value": amount, "unit": "g"}
    return entry | over


def dose(mg: str, code: str = "LIDOCAINE"):
    return {"ingredient_code": code, "route": "topical", "dose": {"value": mg, "unit": "mg"}}


def strength(unit: str):
    return {"strength": {"value": "25", "unit": unit}}


@pytest.fixture
async def booked(as_role, clinic):
    """A session of 2 mL dexpanthenol and biotin, no anaesthetic in it; the patient weighs 80 kg."""
    plan = await make_active_plan(as_role, clinic)
    return await book(as_role("nurse"), plan, clinic, "2026-03-03T09:00:00+01:00")


@pytest.fixture
async def numbed(as_role, clinic):
    """A session that injects 1.5 of 2 mL with 20 mg/mL lidocaine in half of it: 15 mg."""
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_approved_formula(
        practitioner, director, component("BIOTIN", "5", "1"), component("LIDOCAINE", "20", "1")
    )
    plan = await make_active_plan(as_role, clinic, formula=formula)
    return await book(as_role("nurse"), plan, clinic, "2026-03-03T09:00:00+01:00")


async def at_the_visit(client, clock, session, *noted):
    clock.set(datetime.fromisoformat(AT))
    return await check_in(client, session, also_given=list(noted))


async def inject(client, session, *others, **over):
    """1.5 of 2 mL, from a new lot of biotin."""
    lot = await make_lot(client)
    areas = [treated("SCALP_FRONTAL", "1.5", area_cm2="60")]
    lots = [{"lot_id": lot["id"], "volume_ml": "1"}]
    body = performance(AT, **{"also_given": list(others), "areas": areas, "lots": lots} | over)
    return await move_on(client, f"/v1/sessions/{session['id']}", "administration", body)


def codes(answer):
    return [(each["code"], each["outcome"]) for each in answer.json()["findings"]]


async def test_a_cream_noted_at_check_in_is_shown_with_screening_and_record(as_role, clock, booked):
    nurse = as_role("nurse")
    session = await at_the_visit(nurse, clock, booked, cream("2", given_at="2026-03-03T09:30:00Z"))
    path = f"/v1/sessions/{session['id']}"
    (noted,) = (await nurse.get(f"{path}/screening")).json()["also_given"]
    chart = f"/v1/patients/{session['patient_id']}/chart"
    (shown,) = (await nurse.get(chart)).json()["recent_sessions"][0]["also_given"]
    assert shown == {
        "ingredient_code": "LIDOCAINE",
        "name": "Numbing cream 2.5 %",
        "route": "topical",
        "dose": "50",
        "unit": "mg",
    }
    assert (await as_role("receptionist").get(chart)).status_code == 403
    assert noted["strength"] == {"value": "25", "unit": "mg/g"}
    assert noted["amount"] == {"value": "2", "unit": "g"}
    assert noted["dose"] == {"value": "50", "unit": "mg"}
    assert (noted["noted_at"], noted["route"]) == ("check_in", "topical")
    assert noted["given_at"] == "2026-03-03T09:30:00Z"

    answer = await inject(nurse, booked, dose("10"))
    assert answer.status_code == 201, answer.text
    record = (await nurse.get(f"{path}/administration")).json()
    assert [(e["dose"]["value"], e["noted_at"]) for e in record["also_given"]] == [
        ("50", "check_in"),
        ("10", "administration"),
    ]
    # What is injected stays what is injected.
    assert [e["ingredient_code"] for e in record["doses"]] == ["BIOTIN", "DEXPANTHENOL"]
    assert len((await nurse.get(f"{path}/screening")).json()["also_given"]) == 1
    decision = (await nurse.get(f"/v1/decisions/{record['decision_id']}")).json()
    assert {e["dose_micro"] for e in decision["facts"]["also_given"]} == {50_000_000, 10_000_000}
    replayed = await as_role("medical_director").post(
        f"/v1/decisions/{record['decision_id']}/replay"
    )
    assert replayed.json()["identical"] is True


@pytest.mark.parametrize(
    ("percent", "amount", "stands"),
    [("2.5", "11.4", []), ("2.5", "11.401", [(RULE, "fail")])],
    ids=["exactly the maximum", "0.025 mg more"],
)
async def test_injected_and_topical_share_one_allowance(
    as_role, clock, numbed, percent, amount, stands
):
    """15 mg injected and 285 mg put on are exactly the 300 mg that a visit may have."""
    nurse = as_role("nurse")
    await at_the_visit(nurse, clock, numbed, cream(amount, percent))
    answer = await inject(nurse, numbed)
    assert answer.status_code == (409 if stands else 201), answer.text
    assert [each for each in codes(answer) if each[0] == RULE] == stands
    if stands:
        (finding,) = [e for e in answer.json()["findings"] if e["code"] == RULE]
        assert (finding["severity"], finding["limit"]) == ("block", "1")
        less = await inject(nurse, numbed, areas=[treated("SCALP_FRONTAL", "1.4", area_cm2="60")],
                            discarded_ml="0.6")  # fmt: skip
        assert less.status_code == 201, less.text


async def test_two_anaesthetics_on_the_skin_add_up_with_the_one_injected(as_role, clock, numbed):
    """15/300 + 150/300 + 157.5/350 = 1; the next millionth of a milligram is too much."""
    nurse = as_role("nurse")
    await at_the_visit(nurse, clock, numbed, dose("150"))
    over = await inject(nurse, numbed, dose("157.500001", "PROCAINE"))
    assert (RULE, "fail") in codes(over)
    exactly = await inject(nurse, numbed, dose("157.5", "PROCAINE"))
    assert exactly.status_code == 201, exactly.text


async def test_the_allowance_of_a_light_patient_is_smaller(as_role, clinic, clock):
    """At 40 kg lidocaine is limited to 180 mg."""
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    await made(
        practitioner,
        f"/v1/patients/{patient['id']}/measurements",
        {"kind": "weight", "value": "40", "unit": "kg", "measured_at": "2026-03-02T07:30:00Z"},
    )
    plan = await make_active_plan(as_role, clinic, patient=patient)
    session = await book(practitioner, plan, clinic, "2026-03-03T09:00:00+01:00")
    await at_the_visit(practitioner, clock, session)
    assert codes(await inject(practitioner, session, dose("180.000001"))) == [(RULE, "fail")]
    assert (await inject(practitioner, session, dose("180"))).status_code == 201


@pytest.mark.parametrize(
    "entry",
    [
        cream(None),
        {"ingredient_code": "LIDOCAINE", "route": "topical"},
        {"name": "Numbing cream", "route": "topical", "local_anaesthetic": True},
        {"name": "Numbing cream", "route": "topical"},
    ],
    ids=["no amount", "nothing but the code", "in no list", "in no list, not said what it is"],
)
async def test_what_is_not_known_never_passes(as_role, clock, booked, entry):
    nurse = as_role("nurse")
    await at_the_visit(nurse, clock, booked, entry)
    answer = await inject(nurse, booked)
    assert answer.status_code == 409
    assert codes(answer) == [(RULE, "not_evaluable")]
    assert answer.json()["findings"][0]["severity"] == "block"


async def test_what_is_no_anaesthetic_is_kept_and_asks_for_nothing(as_role, clock, booked):
    nurse = as_role("nurse")
    soap = {"name": "Antiseptic", "route": "topical", "local_anaesthetic": False}
    await at_the_visit(nurse, clock, booked, soap, {"ingredient_code": "BIOTIN", "route": "oral"})
    answer = await inject(nurse, booked)
    assert answer.status_code == 201, answer.text
    assert answer.json()["findings"] == []
    assert [e["dose"] for e in answer.json()["also_given"]] == [None, None]


async def test_an_ingredient_of_the_clinics_own_has_its_own_maximum(as_role, clock, booked):
    director, nurse = as_role("medical_director"), as_role("nurse")
    await made(
        director,
        "/v1/ingredients",
        {
            "code": "PRILOCAINE", "name": "Prilocaine", "category": "local anaesthetic",
            "unit": "mg", "attributes": ["local_anaesthetic"], "source": "SmPC",
            "evidence": "label",
            "limits": {
                "max_session": {
                    "value": "200", "unit": "mg", "source": "SmPC", "evidence": "label",
                },
            },
        },
    )  # fmt: skip
    await at_the_visit(nurse, clock, booked, dose("150"))  # half of lidocaine's 300 mg
    assert codes(await inject(nurse, booked, dose("100.000001", "PRILOCAINE"))) == [(RULE, "fail")]
    assert (await inject(nurse, booked, dose("100", "PRILOCAINE"))).status_code == 201


async def test_a_wrong_entry_is_taken_back_before_the_injection_and_not_after(
    as_role, clock, booked
):
    nurse = as_role("nurse")
    path = f"/v1/sessions/{booked['id']}"
    session = await at_the_visit(nurse, clock, booked, cream("20"))
    (noted,) = session["screening"]["also_given"]
    assert codes(await inject(nurse, booked)) == [(RULE, "fail")]

    wrong = f"also-given/{noted['id']}/entered-in-error"
    marked = await moved(nurse, path, wrong, {"reason": "It was 2 g, not 20."})
    assert marked["entered_in_error_reason"] == "It was 2 g, not 20."
    again = await move_on(nurse, path, wrong, {"reason": "Twice."})
    assert again.status_code == 404
    answer = await inject(nurse, booked, cream("2"))
    assert answer.status_code == 201, answer.text
    kept = answer.json()["also_given"]
    assert [e["entered_in_error_at"] is None for e in kept] == [False, True]

    late = await move_on(
        nurse, path, f"also-given/{kept[1]['id']}/entered-in-error", {"reason": "Too late."}
    )
    assert late.status_code == 409
    assert late.json()["type"] == "/problems/illegal-transition"


async def test_a_wrong_record_takes_its_own_entries_with_it_and_leaves_those_of_the_check_in(
    as_role, clock, booked
):
    nurse = as_role("nurse")
    path = f"/v1/sessions/{booked['id']}"
    await at_the_visit(nurse, clock, booked, dose("200"))
    assert (await inject(nurse, booked, dose("100"))).status_code == 201
    mistake = {"reason": "Recorded for another visit.", "what": "administration"}
    await moved(nurse, path, "entered-in-error", mistake)

    assert codes(await inject(nurse, booked, dose("100.000001"))) == [(RULE, "fail")]
    answer = await inject(nurse, booked, dose("99"))
    assert [e["dose"]["value"] for e in answer.json()["also_given"]] == ["200", "99"]


@pytest.mark.parametrize(
    ("entry", "pointer", "code"),
    [
        (cream(ingredient_code="NOPE"), "/also_given/0/ingredient_code", "unknown_ingredient"),
        (cream(areas=["ELBOW_X"]), "/also_given/0/areas/0", "unknown_code"),
        (cream(given_at="2026-03-03T10:06:00Z"), "/also_given/0/given_at", "in_the_future"),
        (cream() | strength("mg/mL"), "/also_given/0/amount/unit", "unit"),
        (cream() | strength("IU/g"), "/also_given/0/strength", "unit"),
        (cream(dose={"value": "1", "unit": "mg"}), "/also_given/0", "said_twice"),
        (cream(local_anaesthetic=True), "/also_given/0", "formulary_knows"),
        ({"route": "topical"}, "/also_given/0", "unnamed"),
        (dose("0"), "/also_given/0/dose/value", "decimal_range"),
        (dose("1") | {"route": "injected"}, "/also_given/0/route", "enum"),
    ],
    ids=[
        "ingredient", "area", "future", "per mL of g", "unit", "twice", "formulary", "unnamed",
        "nothing", "route",
    ],
)  # fmt: skip
async def test_bad_input_is_refused_where_it_stands(as_role, clock, booked, entry, pointer, code):
    nurse = as_role("nurse")
    clock.set(datetime.fromisoformat(AT))
    path = f"/v1/sessions/{booked['id']}"
    answer = await move_on(nurse, path, "check-in", SCREENING | {"also_given": [entry]})
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert (await nurse.get(path)).json()["state"] == "scheduled"
