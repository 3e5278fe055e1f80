"""What the article that the project grew from claims, kept and read back over HTTP.

Claims are numbered as in `docs/coverage.md`; those that other tests show are not repeated here.
"""

from collections.abc import Callable

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import make_patient
from tests.factories_formulary import SCALP_CLASSIC, line
from tests.factories_sessions import (
    administer,
    book,
    check_in,
    make_active_plan,
    protocol_id,
)
from tests.stories.situations import (
    NUMBING,
    World,
    approved,
    booking_after_an_effect,
    drug,
    instant,
)
from tests.stories.telling import Answer, Teller, codes


@pytest.fixture
def teller(
    as_role: Callable[[str], httpx.AsyncClient], clinic: SeededClinic, clock: FakeClock
) -> Teller:
    return Teller(World(as_role, clinic, clock))


async def test_a_mix_of_vitamins_minerals_and_others_has_a_line_for_each(teller: Teller) -> None:
    """C01, C20: every line keeps its ingredient, and every ingredient its category and source."""
    lines = [
        line("BIOTIN", "5", "mg/mL", "1"),
        line("ZINC", "1", "mg/mL", "0.5"),
        line("PENTOXIFYLLINE", "20", "mg/mL", "1"),
        line("AMINO_ACID_MIX", "10", "mg/mL", "1"),
    ]
    body = {"name": "Cocktail", "areas": ["SCALP_VERTEX"], "components": lines}
    formula = await teller.post("practitioner", "/v1/formulas", body)
    kept = await teller.get("nurse", f"/v1/formulas/{formula['id']}")
    named = [each["ingredient_code"] for each in kept["latest"]["components"]]
    assert named == ["BIOTIN", "ZINC", "PENTOXIFYLLINE", "AMINO_ACID_MIX"]
    assert kept["areas"] == ["SCALP_VERTEX"]
    known = [await teller.get("nurse", f"/v1/ingredients/{code}") for code in named]
    assert len({each["category"] for each in known}) == 4
    assert all(each["source"] and each["evidence"] for each in known)


async def test_a_practitioners_own_mixture_has_an_author_and_an_origin(teller: Teller) -> None:
    """C04: versions, author and lineage."""
    first = await teller.post("practitioner", "/v1/formulas", SCALP_CLASSIC)
    own = SCALP_CLASSIC | {"name": "Mine", "derived_from_id": first["id"]}
    copy = await teller.post("second:practitioner", "/v1/formulas", own)
    kept = await teller.get("nurse", f"/v1/formulas/{copy['id']}")
    assert kept["derived_from_id"] == first["id"]
    authors = [each["latest"]["author_id"] for each in (first, kept)]
    staff = teller.world.clinic.staff
    assert authors == [str(staff["practitioner"]), str(staff["second:practitioner"])]


async def test_a_goal_an_expectation_and_a_patients_own_volume(teller: Teller) -> None:
    """C02, C21, C28: what a plan wants, what the patient expects, adjusted to this patient."""
    client = teller.world.as_role("practitioner")
    wanted = {
        "volume_per_session_ml": "1.25", "areas": ["SCALP_FRONTAL", "SCALP_VERTEX"],
        "goals": "Better hair quality.", "expectations": "Knows that it may not help.",
        "technique": "NAPPAGE", "depth_mm": "1.5",
    }  # fmt: skip
    plan = await teller.post("practitioner", "/v1/plans", wanted | {
        "patient_id": (await make_patient(client))["id"],
        "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
        "formula_id": (await approved(teller.world, NUMBING))["id"],
        "practitioner_id": str(teller.world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
    })  # fmt: skip
    kept = await teller.get("practitioner", f"/v1/plans/{plan['id']}")
    assert {name: kept[name] for name in wanted} == wanted


async def test_how_long_it_took_how_it_was_done_and_how_much_it_hurt(teller: Teller) -> None:
    """C05: duration, technique, needle, and pain from 0 to 10 at the door and at the injection."""
    world = teller.world
    plan = await make_active_plan(world.as_role, world.clinic)
    nurse, starts_at = world.as_role("nurse"), "2026-03-02T09:00:00Z"
    session = await book(nurse, plan, world.clinic, starts_at, duration_minutes=20)
    world.clock.set(instant("2026-03-02"))
    await check_in(nurse, session, pain_score=0)
    await administer(nurse, session, starts_at, pain_score=10)
    path = f"/v1/sessions/{session['id']}"
    assert (await teller.get("nurse", path))["duration_minutes"] == 20
    assert (await teller.get("nurse", f"{path}/screening"))["pain_score"] == 0
    record = await teller.get("nurse", f"{path}/administration")
    area = record["areas"][0]
    told = (area["technique"], area["needle_gauge"], area["points"], area["depth_mm"])
    assert told == ("POINT_BY_POINT", 30, 30, "2")
    assert (record["pain_score"], record["observation_minutes"]) == (10, 30)


async def test_the_talk_before_the_treatment(teller: Teller) -> None:
    """C14, C24, C25, C26: concerns, questions, alternatives, advice and recommendation."""
    patient = await make_patient(teller.world.as_role("nurse"))
    talk: Answer = {
        "held_at": "2026-03-02T07:40:00Z",
        "concerns": "Afraid that it makes the hair fall out.",
        "questions": "Why does it shed at first?",
        "alternatives_discussed": [
            "TOPICAL_MINOXIDIL", "ORAL_FINASTERIDE", "PRP", "HAIR_TRANSPLANT", "NO_TREATMENT",
        ],
        "lifestyle_advice": ["Balanced diet", "Less heat", "Sun protection", "Sleep", "No bleach"],
        "expectations": "Less shedding.",
        "recommendation": "Wait for ferritin, then decide together.",
    }  # fmt: skip
    path = f"/v1/patients/{patient['id']}/consultations"
    made = await teller.post("practitioner", path, talk)
    kept = await teller.get("auditor", f"{path}/{made['id']}")
    assert {name: kept[name] for name in talk} == talk
    assert kept["held_by"] == str(teller.world.clinic.staff["practitioner"])


async def test_who_is_qualified_is_on_record(teller: Teller) -> None:
    """C19: profession, licence and training of the person who decides."""
    training: Answer = {
        "profession": "Dermatologist", "licence_number": "RPPS 10100000000",
        "licence_authority": "Ordre des médecins", "qualifications": "Diploma in mesotherapy",
    }  # fmt: skip
    member = await teller.post("owner", "/v1/staff", training | {
        "display_name": "Dr Ada Lenoir", "email": "lenoir@example.org",
        "roles": ["practitioner"], "bookable": True, "password": "for the first day only",
    })  # fmt: skip
    kept = await teller.get("auditor", f"/v1/staff/{member['id']}")
    assert {name: kept[name] for name in training} == training


async def test_results_are_measured_not_claimed(teller: Teller) -> None:
    """C02, C17, C18: outcome measures over time, the patient's own among them, and a review."""
    patient = await make_patient(teller.world.as_role("nurse"))
    path = f"/v1/patients/{patient['id']}"
    for kind, value in (("SATISFACTION", "4"), ("GPA7", "1"), ("DENSITY_TOTAL", "182.5")):
        body = {"kind": kind, "value": value, "measured_at": "2026-03-02T07:00:00Z"}
        await teller.post("nurse", f"{path}/measurements", body)
    review = {
        "assessed_on": "2026-03-02", "is_outcome_review": True, "scale": "LUDWIG", "grade": "I",
        "findings": "Denser at the parting.", "recommendation": "Go on to phase B.",
    }  # fmt: skip
    await teller.post("practitioner", f"{path}/assessments", review)
    chart = await teller.get("nurse", f"{path}/chart")
    shown = {each["kind"]: (each["value"], each["unit"]) for each in chart["measurements"]}
    assert shown == {
        "SATISFACTION": ("4", None), "GPA7": ("1", None), "DENSITY_TOTAL": ("182.5", "hairs/cm2"),
    }  # fmt: skip
    assert {name: chart["assessment"][name] for name in review} == review


async def test_a_weak_study_is_called_weak(teller: Teller) -> None:
    """C17: each figure that was found says how far to trust it."""
    body = {"name": "Strong", "components": [drug("DUTASTERIDE", "1", "1")]}
    formula = await teller.post("practitioner", "/v1/formulas", body)
    finding = next(f for f in formula["latest"]["findings"] if f["code"] == "DOSE-CONC-MAX")
    assert (finding["measured"], finding["limit"]) == ("1", "0.5")
    assert finding["evidence"] == "unsure"
    assert "[ABD-2009]" in finding["source"]


async def test_an_effect_with_another_cause_holds_nothing(teller: Teller) -> None:
    """C08: what a review calls unlikely to come from the treatment does not count for its rules."""
    ask = await booking_after_an_effect(teller.world, grade=2)
    refused = await ask()
    assert codes(refused.json()) == {"AE-HOLD-GRADE"}
    effect = (await teller.get("nurse", "/v1/side-effects"))["items"][0]
    judgement = {"causality": "unlikely", "comment": "Knocked against a cupboard that morning."}
    path = f"/v1/side-effects/{effect['id']}"
    assert (await teller.move("practitioner", path, "review", judgement))["state"] == "under_review"
    assert (await ask()).status_code == 201
