"""The main job from the first visit to the second injection, over HTTP and in one go.

Ada Moreau sheds more hair than she used to. She is assessed, put on a course, treated; her
forehead swells, the course stops by itself, is looked at, and goes on. Then a maker recalls a lot.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api import audit
from tests.clinic import FakeClock, SeededClinic
from tests.factories_formulary import SCALP_CLASSIC
from tests.factories_sessions import SCREENING, protocol_id
from tests.stories.situations import World
from tests.stories.telling import Answer, Teller, codes, found

FIRST, TOO_SOON = "2026-03-05T10:00:00+01:00", "2026-03-10T10:00:00+01:00"
TRAVELS = "Travelling on the 11th; skin examined and calm, agreed."
DOOR = SCREENING | {"pregnancy_status": "not_pregnant", "lactating": False, "weight_kg": "58"}


class Story(Teller):
    """What has come about so far."""

    patient: Answer
    formula: Answer
    plan: Answer
    lots: dict[str, Answer]
    sessions: list[Answer]
    effect: Answer

    def at(self, text: str) -> None:
        self.world.clock.set(datetime.fromisoformat(text).astimezone(UTC))

    def session(self, number: int) -> str:
        return f"/v1/sessions/{self.sessions[number - 1]['id']}"

    @property
    def plan_path(self) -> str:
        return f"/v1/plans/{self.plan['id']}"


@pytest.fixture
def story(
    as_role: Callable[[str], httpx.AsyncClient], clinic: SeededClinic, clock: FakeClock
) -> Story:
    return Story(World(as_role, clinic, clock))


async def test_the_story_of_a_treatment(story: Story, app: FastAPI) -> None:
    await the_first_visit(story)
    await a_formula_for_her(story)
    await a_plan_of_eleven_sessions(story)
    await two_bookings(story)
    await the_first_session(story)
    await her_forehead_swells(story)
    await it_is_reviewed_and_released(story)
    await the_second_session(story)
    await the_lot_is_recalled(story)
    await every_decision_replays(story)
    async with app.state.database.reading() as db:
        report = await audit.verify(db, story.world.clinic.id)
    assert report.first_bad is None
    assert report.records > 30


async def the_first_visit(story: Story) -> None:
    story.patient = await story.post(
        "receptionist",
        "/v1/patients",
        {
            "given_name": "Ada", "family_name": "Moreau", "born_on": "1989-04-02",
            "sex": "female", "phone": "+33612345678", "language": "fr",
        },
    )  # fmt: skip
    path = f"/v1/patients/{story.patient['id']}"
    chart = await story.get("nurse", f"{path}/chart")
    assert (chart["alerts"]["allergies_asked"], chart["weight"]) == (False, None)
    for who, part, body in FIRST_VISIT:
        await story.post(who, f"{path}/{part}", body)
    chart = await story.get("nurse", f"{path}/chart")
    assert chart["alerts"]["allergies_asked"] is True
    assert chart["weight"]["weight_kg"] == "58"
    assert [each["value"] for each in chart["shedding"]] == ["3"]
    assert chart["assessment"]["diagnoses"][0]["icd10"] == "L64.9"
    assert chart["consents"][0]["state"] == "valid"
    hidden = await story.asks("receptionist", f"{path}/allergies", "", {"code": "FISH"})
    assert hidden.status_code == 403, "the desk keeps demographics only"


async def a_formula_for_her(story: Story) -> None:
    story.formula = await story.post("practitioner", "/v1/formulas", SCALP_CLASSIC)
    path = f"/v1/formulas/{story.formula['id']}"
    amounts = {
        line["ingredient_code"]: (line["amount"]["value"], line["final_concentration"]["value"])
        for line in story.formula["latest"]["components"]
    }
    assert amounts["DEXPANTHENOL"][0] == "500"
    assert amounts["LIDOCAINE"][0] == "10"
    own = await story.asks("practitioner", path, "versions/1/approve")
    assert (own.status_code, own.json()["missing_scope"]) == (403, "formulas:approve")
    done = await story.decided("medical_director", path, "versions/1/approve")
    assert done.status_code == 200, done.text
    # A director who writes needs a second director.
    version = {name: SCALP_CLASSIC[name] for name in ("components", "ph")}
    await story.move("medical_director", path, "versions", version)
    alone = await story.decided("medical_director", path, "versions/2/approve")
    assert (alone.status_code, alone.json()["outcome"]) == (409, "refused")
    assert codes(alone.json()) >= {"ROLE-FOUR-EYES"}
    other = await story.decided("second:medical_director", path, "versions/2/approve")
    assert other.status_code == 200, other.text


async def a_plan_of_eleven_sessions(story: Story) -> None:
    client = story.world.as_role("practitioner")
    story.plan = await story.post(
        "practitioner",
        "/v1/plans",
        {
            "patient_id": story.patient["id"],
            "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
            "formula_id": story.formula["id"],
            "formula_version": 1,
            "practitioner_id": str(story.world.clinic.staff["practitioner"]),
            "diagnosis_icd10": "L64.9",
            "areas": ["SCALP"],
            "volume_per_session_ml": "1.75",
            "technique": "POINT_BY_POINT",
            "points": 35,
            "depth_mm": "2",
            "goals": "Less shedding and denser hair within six months.",
            "expectations": "Results vary; no effect is possible.",
        },
    )
    assert (story.plan["state"], story.plan["newer_formula_version"]) == ("draft", 2)
    active = await story.decided("medical_director", story.plan_path, "activate")
    assert active.json()["state"] == "active"
    window = await story.get("receptionist", f"{story.plan_path}/window")
    assert (window["session_number"], window["phase"]) == (1, "A")
    assert window["findings"] == []


async def two_bookings(story: Story) -> None:
    first = await story.decided("receptionist", "/v1/sessions", "", booking(story, FIRST))
    assert first.status_code == 201, first.text
    soon = booking(story, TOO_SOON)
    refused = await story.decided("receptionist", "/v1/sessions", "", soon)
    problem = refused.json()
    assert (refused.status_code, problem["outcome"]) == (409, "needs_override")
    assert codes(problem) == {"SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN"}
    spacing = found(problem, "SPACING-MIN-INTERVAL")
    assert (spacing["measured"], spacing["limit"], spacing["unit"]) == ("5", "6", "d")
    assert spacing["first_day"] == "2026-03-11"
    assert "2026-03-11" in spacing["remedy"]
    shown = {name: problem["window"][name] for name in ("earliest_on", "target_on", "latest_on")}
    assert shown == {
        "earliest_on": "2026-03-11", "target_on": "2026-03-12", "latest_on": "2026-03-15",
    }  # fmt: skip
    reason = {"reason": "patient_travel", "comment": TRAVELS}
    answered = soon | {"overrides": [{"code": code} | reason for code in sorted(codes(problem))]}
    for who in ("receptionist", "nurse"):
        forbidden = await story.asks(who, "/v1/sessions", "", answered)
        assert forbidden.json()["missing_scope"] == "rules:override"
    second = await story.decided("practitioner", "/v1/sessions", "", answered)
    assert second.status_code == 201, second.text
    story.sessions = [first.json(), second.json()]
    assert [each["session_number"] for each in story.sessions] == [1, 2]
    taken = await story.asks("receptionist", "/v1/sessions", "", soon)
    assert taken.json()["type"] == "/problems/schedule-conflict"
    confirmed = await story.move("receptionist", story.session(1), "confirm")
    assert confirmed["state"] == "confirmed"


async def the_first_session(story: Story) -> None:
    story.lots = {
        code: await story.post("nurse", "/v1/lots", lot(code, f"{code}-1"))
        for code in ("DEXPANTHENOL", "BIOTIN", "LIDOCAINE")
    }
    old = await story.post("nurse", "/v1/lots", lot("BIOTIN", "OLD", expires_on="2026-03-04"))
    story.at("2026-03-05T09:55:00+01:00")
    pregnant = DOOR | {"pregnancy_status": "pregnant"}
    refused = await story.decided("nurse", story.session(1), "check-in", pregnant)
    assert (refused.status_code, codes(refused.json())) == (409, {"CONTRA-PREGNANCY"})
    arrived = await story.decided("nurse", story.session(1), "check-in", DOOR)
    assert arrived.json()["state"] == "checked_in"
    story.at("2026-03-05T10:25:00+01:00")
    injected = injection(story, "2026-03-05T10:20:00+01:00")
    expired = injected | {"lots": [{"lot_id": old["id"], "volume_ml": "1"}]}
    refused = await story.decided("practitioner", story.session(1), "administration", expired)
    finding = found(refused.json(), "LOT-EXPIRY")
    assert (finding["measured"], finding["limit"]) == ("2026-03-05", "2026-03-04")
    assert finding["pointer"] == "/lots/0/lot_id"
    done = await story.decided("practitioner", story.session(1), "administration", injected)
    assert done.status_code == 201, done.text
    # 1.75 of 3.5 mL: half of 500 mg, 5 mg and 10 mg.
    doses = {each["ingredient_code"]: each["dose"] for each in done.json()["doses"]}
    assert doses == {
        "DEXPANTHENOL": {"value": "250", "unit": "mg"},
        "BIOTIN": {"value": "2.5", "unit": "mg"},
        "LIDOCAINE": {"value": "5", "unit": "mg"},
    }
    leaflet = await story.get("nurse", f"{story.session(1)}/aftercare")
    assert leaflet["performed"] is True
    assert {"AE_SHED_EARLY"} <= {each["code"] for each in leaflet["usual_course"]}
    assert all(each["source"] and each["evidence"] for each in leaflet["advice"])


async def her_forehead_swells(story: Story) -> None:
    story.at("2026-03-06T17:00:00+01:00")
    report = {
        "patient_id": story.patient["id"], "code": "AE_FRONTAL_OEDEMA", "grade": 2,
        "started_at": "2026-03-06T08:00:00+01:00", "areas": ["FOREHEAD"],
        "description": "Both eyelids swollen since the morning.", "reported_by": "patient",
    }  # fmt: skip
    story.effect = await story.post("nurse", "/v1/side-effects", report)
    assert story.effect["session_id"] == story.sessions[0]["id"]
    assert story.effect["days_since_session"] == 1
    assert story.effect["expected"] is True
    assert [(h["scope"], h["release_role"]) for h in story.effect["holds"]] == [
        ("plan", "prescriber")
    ]
    plan = await story.get("receptionist", story.plan_path)
    assert plan["state"] == "on_hold"
    booked = await story.get("receptionist", story.session(2))
    assert booked["state"] == "scheduled", "a hold keeps what is booked"
    story.at("2026-03-10T09:55:00+01:00")
    await the_door_is_closed(story)


async def the_door_is_closed(story: Story) -> None:
    refused = await story.asks("nurse", story.session(2), "check-in", DOOR)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/illegal-transition"
    assert [each["id"] for each in refused.json()["holds"]] == [story.effect["holds"][0]["id"]]


async def it_is_reviewed_and_released(story: Story) -> None:
    path = f"/v1/side-effects/{story.effect['id']}"
    judgement = {
        "causality": "probable",
        "naranjo": ["yes", "yes", "yes", "unknown", "no"] + ["unknown"] * 4 + ["yes"],
        "comment": "Onset fits; no other cause; it went away by itself.",
    }
    for who in ("receptionist", "nurse"):
        forbidden = await story.asks(who, path, "review", judgement)
        assert forbidden.json()["missing_scope"] == "side_effects:review"
    reviewed = await story.move("practitioner", path, "review", judgement)
    review = reviewed["reviews"][0]
    assert (review["naranjo_score"], review["naranjo_category"]) == (7, "probable")
    ending = {
        "outcome": "recovered", "ended_at": "2026-03-09T09:00:00+01:00",
        "comment": "Seen on the 10th: no swelling left.",
    }  # fmt: skip
    assert (await story.move("practitioner", path, "resolve", ending))["state"] == "resolved"
    await the_door_is_closed(story)
    words = {"reason": "Resolved and reviewed; the second session may go on."}
    forbidden = await story.asks("nurse", story.plan_path, "release", words)
    assert forbidden.json()["missing_scope"] == "holds:release"
    released = await story.move("practitioner", story.plan_path, "release", words)
    assert (released["state"], released["holds"]) == ("active", [])


async def the_second_session(story: Story) -> None:
    arrived = await story.decided("nurse", story.session(2), "check-in", DOOR)
    carried = found(arrived.json(), "SPACING-MIN-INTERVAL")
    assert carried["resolved_by"] == "override", "what was overridden lasts until its session"
    story.at("2026-03-10T10:25:00+01:00")
    injected = injection(story, "2026-03-10T10:20:00+01:00")
    done = await story.decided("practitioner", story.session(2), "administration", injected)
    assert done.status_code == 201, done.text
    window = await story.get("receptionist", f"{story.plan_path}/window")
    assert (window["session_number"], window["earliest_on"]) == (3, "2026-03-16")
    late = {"text": "Called in the evening: no swelling this time."}
    await story.post("nurse", f"{story.session(2)}/addenda", late)


async def the_lot_is_recalled(story: Story) -> None:
    path = f"/v1/lots/{story.lots['BIOTIN']['id']}"
    recalled = await story.move("nurse", path, "recall", {"reason": "Letter of the maker."})
    assert recalled["lot"]["state"] == "recalled"
    exposures = await story.get("medical_director", f"{path}/exposures")
    assert exposures == recalled["exposures"]
    assert [each["patient_id"] for each in exposures["patients"]] == [story.patient["id"]]
    assert exposures["patients"][0]["contact"]["phone"] == "+33612345678"
    assert [each["session_id"] for each in exposures["sessions"]] == [
        each["id"] for each in reversed(story.sessions)
    ]
    assert exposures["open_side_effects"] == []


async def every_decision_replays(story: Story) -> None:
    kept = (await story.get("medical_director", "/v1/decisions?limit=200"))["items"]
    assert sorted(each["stage"] for each in kept) == [
        "administration", "administration", "check_in", "check_in", "formula_approval",
        "formula_approval", "plan_activation", "scheduling", "scheduling", "side_effect_report",
    ]  # fmt: skip
    for decision in kept:
        replayed = await story.asks("medical_director", f"/v1/decisions/{decision['id']}/replay")
        assert replayed.status_code == 200, replayed.text
        assert (replayed.json()["identical"], replayed.json()["differences"]) == (True, [])


def booking(story: Story, starts_at: str) -> Answer:
    return {
        "plan_id": story.plan["id"],
        "starts_at": starts_at,
        "duration_minutes": 30,
        "practitioner_id": str(story.world.clinic.staff["practitioner"]),
        "room_id": str(story.world.clinic.room_ids[0]),
    }


def lot(code: str, number: str, expires_on: str = "2027-08") -> Answer:
    return {
        "ingredient_code": code, "product_name": code.title(), "manufacturer": "Acme Pharma",
        "lot_number": number, "expires_on": expires_on, "container": "multi_dose",
        "received_volume_ml": "50", "excipient_classes": [],
    }  # fmt: skip


def injection(story: Story, performed_at: str) -> dict[str, Any]:
    """1.75 of the 3.5 mL that the formula makes, over two areas."""
    drawn = {"DEXPANTHENOL": "2", "BIOTIN": "1", "LIDOCAINE": "0.5"}
    spot = {"depth_mm": "2", "technique": "POINT_BY_POINT", "needle_gauge": 30}
    return {
        "performed_at": performed_at,
        "preparation_started_at": performed_at,
        "areas": [
            {"area": "SCALP_FRONTAL", "volume_ml": "1", "points": 25} | spot,
            {"area": "SCALP_VERTEX", "volume_ml": "0.75", "points": 20} | spot,
        ],
        "lots": [
            {"lot_id": story.lots[code]["id"], "volume_ml": volume}
            for code, volume in drawn.items()
        ],
        "discarded_ml": "1.75",
        "observation_minutes": 30,
        "pain_score": 3,
    }


FIRST_VISIT: tuple[tuple[str, str, Answer], ...] = (
    ("practitioner", "allergies", {"code": "NO_KNOWN_ALLERGIES"}),
    ("practitioner", "conditions", {"code": "NO_KNOWN_CONDITIONS"}),
    ("practitioner", "medications", {"code": "NO_MEDICATION"}),
    ("nurse", "measurements", {
        "kind": "weight", "value": "58", "unit": "kg", "measured_at": "2026-03-02T07:30:00Z",
    }),
    ("nurse", "measurements", {
        "kind": "SHED_SCORE", "scale": "HAIR_SHEDDING_SCALE", "value": "3",
        "measured_at": "2026-03-02T07:30:00Z",
    }),
    ("nurse", "pregnancy-statements", {
        "stated_on": "2026-03-02", "pregnancy_status": "not_pregnant", "lactating": False,
    }),
    ("nurse", "therapies", {"code": "TOPICAL_MINOXIDIL", "started_on": "2025-06-01",
                            "ended_on": "2025-12-31"}),
    ("nurse", "lifestyle-factors", {"code": "HEAT_STYLING", "started_on": "2024-01-01"}),
    ("practitioner", "consultations", {
        "held_at": "2026-03-02T07:40:00Z",
        "concerns": "More hair in the shower since autumn.",
        "questions": "Can the injections themselves make it fall out?",
        "alternatives_discussed": ["TOPICAL_MINOXIDIL", "PRP", "NO_TREATMENT"],
        "expectations": "Less shedding; knows that results vary.",
        "recommendation": "A course of eleven sessions, reviewed after the fourth.",
    }),
    ("practitioner", "assessments", {
        "assessed_on": "2026-03-02", "scale": "LUDWIG", "grade": "I",
        "diagnoses": [{"icd10": "L64.9", "status": "confirmed", "area": "SCALP"}],
        "recommendation": "Mesotherapy may be tried; ferritin is normal.",
    }),
    ("practitioner", "consents", {
        "document_code": "MESO-SCALP", "document_version": "2026-01", "signed_on": "2026-03-02",
        "ingredient_codes": ["DEXPANTHENOL", "BIOTIN", "LIDOCAINE"], "areas": ["SCALP"],
        "elements": ["1", "2", "3"], "photos_clinical": True,
    }),
)  # fmt: skip
