"""Seven mistakes in one clinic, each stopped by the rule that knows it, then made good.

Every rule-checked request is first asked as a dry run, and decides as the write does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_sessions import SCREENING, book, booking, make_lot, performance
from tests.factories_side_effects import make_effect, on_day, treat
from tests.stories.situations import (
    DUTASTERIDE,
    NUMBING,
    PDRN,
    World,
    drug,
    instant,
    patient_of,
    planned,
)
from tests.stories.telling import Answer, Teller, codes, found

VITAMIN = drug("DEXPANTHENOL", "250", "1")
LIDOCAINE = drug("LIDOCAINE", "20", "2", percent_wv="2")
JUDGED = {"causality": "probable", "comment": "Onset fits, and nothing else explains it."}


@pytest.fixture
def teller(
    as_role: Callable[[str], httpx.AsyncClient], clinic: SeededClinic, clock: FakeClock
) -> Teller:
    return Teller(World(as_role, clinic, clock))


async def written(teller: Teller, *lines: Answer) -> tuple[str, Answer]:
    """A draft by the practitioner: its address, and what the rules say about it at once."""
    body = {"name": "Vertex", "areas": ["SCALP"], "ph": "6.2", "components": list(lines)}
    formula = await teller.post("practitioner", "/v1/formulas", body)
    return f"/v1/formulas/{formula['id']}", formula["latest"]


async def corrected(teller: Teller, path: str, *lines: Answer) -> None:
    """The next version is right, and a second person approves it."""
    body = {"components": list(lines), "ph": "6.2"}
    version = await teller.move("practitioner", path, "versions", body)
    shown = version.get("latest", version)
    assert (shown["number"], shown["outcome"]) == (2, "allowed")
    approved = await teller.decided("medical_director", path, "versions/2/approve")
    assert approved.status_code == 200, approved.text
    assert (await teller.get("nurse", path))["approved_version"] == 2
    first = await teller.get("nurse", f"{path}/versions/1")
    assert first["state"] == "draft", "what was wrong stays as it was written"


async def listed(teller: Teller, session: Answer) -> list[tuple[str, list[str]]]:
    """Cause and rules of what the review worklist says about that session."""
    path = f"/v1/worklists/review?session_id={session['id']}"
    items = (await teller.get("practitioner", path))["items"]
    return [(each["cause"], [finding["code"] for finding in each["findings"]]) for each in items]


async def moving_it(teller: Teller, session: Answer) -> Answer:
    """Why it may not take place a day later; a held plan keeps its bookings where they are."""
    path, desk = f"/v1/sessions/{session['id']}", teller.world.as_role("receptionist")
    read = await desk.get(path)
    starts_at = datetime.fromisoformat(read.json()["starts_at"]) + timedelta(days=1)
    match = {"If-Match": read.headers["etag"]}
    refused = await desk.patch(path, json={"starts_at": starts_at.isoformat()}, headers=match)
    assert refused.status_code == 409, refused.text
    assert (await desk.get(path)).json() == read.json()
    problem: Answer = refused.json()
    return problem


async def at_the_door(teller: Teller, plan: Answer, day: str) -> Answer:
    """A session of that day, whose patient has arrived."""
    world, at = teller.world, instant(day)
    session = await book(world.as_role("receptionist"), plan, world.clinic, at.isoformat())
    world.clock.set(at)
    arrived = await teller.decided("nurse", f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    assert arrived.json()["state"] == "checked_in", arrived.text
    return session


async def test_a_tenfold_strength_slip(teller: Teller) -> None:
    """The label says 2 %, the line says 200 mg/mL: 400 mg where 40 mg are meant."""
    slipped = drug("LIDOCAINE", "200", "2", percent_wv="2")
    path, draft = await written(teller, VITAMIN, slipped)
    assert draft["outcome"] == "refused", "the draft says so before anybody asks for approval"
    refused = await teller.decided("medical_director", path, "versions/1/approve")
    problem = refused.json()
    assert (refused.status_code, problem["outcome"]) == (409, "refused")
    assert codes(problem) >= {"DOSE-UNIT-CONSISTENCY", "DOSE-CONC-MAX", "DOSE-ABS-MAX"}
    slip = found(problem, "DOSE-UNIT-CONSISTENCY")
    assert (slip["severity"], slip["override_role"]) == ("block", None)
    assert slip["pointer"] == "/components/1/stock_concentration"
    assert "Correct the strength" in slip["remedy"]
    dose = found(problem, "DOSE-ABS-MAX")
    assert (dose["measured"], dose["limit"], dose["unit"]) == ("400", "300", "mg")
    assert (dose["severity"], dose["evidence"]) == ("block", "label")
    assert "[LID-LBL]" in dose["source"]
    await corrected(teller, path, VITAMIN, LIDOCAINE)


async def test_a_second_anaesthetic(teller: Teller) -> None:
    path, draft = await written(teller, LIDOCAINE, drug("PROCAINE", "20", "1"))
    assert draft["outcome"] == "needs_override"
    refused = await teller.decided("medical_director", path, "versions/1/approve")
    assert refused.status_code == 409
    two = found(refused.json(), "MIX-TWO-ANAESTHETICS")
    assert (two["measured"], two["limit"]) == ("2", "1")
    assert (two["severity"], two["override_role"]) == ("override", "prescriber")
    assert two["remedy"].startswith("Keep one")
    await corrected(teller, path, LIDOCAINE, VITAMIN)


async def test_an_allergy_to_salmon_and_pdrn(teller: Teller) -> None:
    world = teller.world
    salmon = {"code": "FISH", "substance": "Salmon", "reaction": "Swollen lips"}
    patient = await patient_of(world, allergies=[salmon])
    plan = await planned(world, PDRN, patient=patient)
    at = instant("2026-03-10")
    desk = world.as_role("receptionist")
    session = await book(desk, plan, world.clinic, at.isoformat())
    assert await listed(teller, session) == [("booking", ["CONTRA-ALLERGY-CLASS"])]
    world.clock.set(at)
    path = f"/v1/sessions/{session['id']}"
    refused = await teller.decided("nurse", path, "check-in", SCREENING)
    assert (refused.status_code, codes(refused.json())) == (409, {"CONTRA-ALLERGY-CLASS"})
    allergy = found(refused.json(), "CONTRA-ALLERGY-CLASS")
    assert (allergy["measured"], allergy["override_role"]) == ("FISH", None)
    assert "another ingredient" in allergy["remedy"]
    words = {"reason": "PDRN is made from salmon; another formula instead."}
    await teller.move("practitioner", f"/v1/plans/{plan['id']}", "stop", words)
    assert await listed(teller, session) == []
    other = await planned(world, NUMBING, patient=patient)
    await at_the_door(teller, other, "2026-03-10")


async def test_dutasteride_on_day_27(teller: Teller) -> None:
    world = teller.world
    monthly = await planned(world, DUTASTERIDE, protocol="P-DUTA-Q4W")
    desk = world.as_role("receptionist")
    await book(desk, monthly, world.clinic, "2026-03-03T09:00:00Z")
    body = booking(monthly, world.clinic, "2026-03-30T08:00:00Z")
    refused = await teller.decided("receptionist", "/v1/sessions", "", body)
    soon = found(refused.json(), "SPACING-INGREDIENT-MIN")
    assert (soon["measured"], soon["limit"], soon["unit"]) == ("27", "28", "d")
    assert (soon["severity"], soon["override_role"]) == ("override", "prescriber")
    assert soon["first_day"] == refused.json()["window"]["earliest_on"] == "2026-03-31"
    body["starts_at"] = "2026-03-31T08:00:00Z"
    waited = await teller.decided("receptionist", "/v1/sessions", "", body)
    assert waited.status_code == 201, waited.text


async def test_an_approved_protocol_may_make_dutasteride_weekly(teller: Teller) -> None:
    """The trial's own schedule [ABD-2009] names the exception: 6 days, and no fewer."""
    world = teller.world
    weekly = await planned(world, DUTASTERIDE, protocol="P-DUTA-ABD")
    desk = world.as_role("receptionist")
    await book(desk, weekly, world.clinic, "2026-03-03T09:00:00Z")
    body = booking(weekly, world.clinic, "2026-03-08T09:00:00Z")
    refused = await teller.decided("receptionist", "/v1/sessions", "", body)
    soon = found(refused.json(), "SPACING-INGREDIENT-MIN")
    assert (soon["measured"], soon["limit"]) == ("5", "6")
    body["starts_at"] = "2026-03-09T09:00:00Z"
    allowed = await teller.decided("receptionist", "/v1/sessions", "", body)
    assert allowed.status_code == 201, allowed.text


async def test_an_expired_lot(teller: Teller) -> None:
    world = teller.world
    nurse = world.as_role("nurse")
    session = await at_the_door(teller, await planned(world, NUMBING), "2026-03-10")
    path = f"/v1/sessions/{session['id']}"
    old = await make_lot(nurse, "MEPIVACAINE", lot_number="M-0", expires_on="2026-03-09")
    body = performance("2026-03-10T09:00:00Z", lots=[{"lot_id": old["id"], "volume_ml": "2"}])
    refused = await teller.decided("nurse", path, "administration", body)
    late = found(refused.json(), "LOT-EXPIRY")
    assert (late["measured"], late["limit"]) == ("2026-03-10", "2026-03-09")
    assert (late["severity"], late["pointer"]) == ("block", "/lots/0/lot_id")
    assert "another lot" in late["remedy"]
    fresh = await make_lot(nurse, "MEPIVACAINE", lot_number="M-1")
    body["lots"] = [{"lot_id": fresh["id"], "volume_ml": "2"}]
    done = await teller.decided("nurse", path, "administration", body)
    assert done.status_code == 201, done.text
    for each, sessions in ((old, 0), (fresh, 1)):
        exposures = await teller.get("nurse", f"/v1/lots/{each['id']}/exposures")
        assert len(exposures["sessions"]) == sessions


async def test_an_effect_of_grade_2(teller: Teller) -> None:
    world = teller.world
    nurse = world.as_role("nurse")
    plan = await planned(world, NUMBING)
    treated = await treat(
        world.as_role, world.clinic, world.clock, plan, await make_lot(nurse, "MEPIVACAINE")
    )
    session = await book(nurse, plan, world.clinic, "2026-03-09T09:00:00Z")
    world.clock.set(on_day(1))
    effect = await make_effect(nurse, treated, grade=2, started_at=on_day(1))
    assert {(h["scope"], h["release_role"]) for h in effect["holds"]} == {("plan", "prescriber")}
    ((cause, rules),) = await listed(teller, session)
    assert (cause, "AE-HOLD-GRADE" in rules) == ("side_effect", True)
    grade = found(await moving_it(teller, session), "AE-HOLD-GRADE")
    assert (grade["measured"], grade["limit"], grade["severity"]) == ("2", "1", "override")
    assert grade["remedy"].startswith("Resolve")
    await judged_and_resolved(teller, effect, "nurse", "practitioner")
    path = f"/v1/plans/{plan['id']}"
    words = {"reason": "Reviewed and resolved; the next session is agreed."}
    forbidden = await teller.asks("nurse", path, "release", words)
    assert forbidden.json()["missing_scope"] == "holds:release"
    assert (await teller.move("practitioner", path, "release", words))["state"] == "active"
    assert await listed(teller, session) == []
    later = booking(plan, world.clinic, "2026-03-16T09:00:00Z")
    booked = await teller.decided("receptionist", "/v1/sessions", "", later)
    assert booked.status_code == 201, booked.text


async def judged_and_resolved(teller: Teller, effect: Answer, not_by: str, by: str) -> None:
    path = f"/v1/side-effects/{effect['id']}"
    forbidden = await teller.asks(not_by, path, "review", JUDGED)
    assert forbidden.json()["missing_scope"] == "side_effects:review"
    await teller.move(by, path, "review", JUDGED)
    ended = {
        "outcome": "recovered",
        "ended_at": teller.world.clock().isoformat(),
        "comment": "Seen.",
    }
    assert (await teller.move(by, path, "resolve", ended))["state"] == "resolved"


async def test_a_nodule_on_day_7(teller: Teller) -> None:
    world = teller.world
    nurse = world.as_role("nurse")
    lot = await make_lot(nurse, "MEPIVACAINE")
    mine, other = [await planned(world, NUMBING) for _ in range(2)]
    treated = await treat(world.as_role, world.clinic, world.clock, mine, lot)
    await treat(world.as_role, world.clinic, world.clock, other, lot, hour=14)
    session = await book(nurse, mine, world.clinic, "2026-03-10T09:00:00Z")
    world.clock.set(on_day(7))
    effect = await make_effect(nurse, treated, code="AE_GRANULOMA", started_at=on_day(7))
    assert {(h["scope"], h["release_role"]) for h in effect["holds"]} == {
        ("plan", "medical_director"), ("lot", "medical_director"),
    }  # fmt: skip
    assert "look_back_90_days" in effect["escalation"]["tasks"]
    late = found(await moving_it(teller, session), "AE-DELAYED-NODULE")
    assert (late["measured"], late["limit"], late["severity"]) == ("7", "6", "block")
    assert "mycobacteria" in late["remedy"]
    await the_lot_is_looked_back_upon(teller, lot, {mine["patient_id"], other["patient_id"]})
    culture = {
        "text": "Culture incl. mycobacteria negative after eight weeks.", "grade": 1,
        "results": [
            {"kind": "culture_mycobacteria", "result": "negative", "on": "2026-05-04"},
            {"kind": "look_back", "result": "done", "on": "2026-03-10",
             "note": "Both patients of the lot examined; nobody else affected."},
        ],
    }  # fmt: skip
    world.clock.set(on_day(63))
    await teller.post("nurse", f"/v1/side-effects/{effect['id']}/follow-ups", culture)
    await judged_and_resolved(teller, effect, "nurse", "medical_director")
    await only_the_director_lets_go(teller, f"/v1/plans/{mine['id']}", "active")
    await only_the_director_lets_go(teller, f"/v1/lots/{lot['id']}", "available")
    in_force = await teller.get("nurse", f"/v1/holds?in_force=true&lot_id={lot['id']}")
    assert in_force["items"] == []


async def the_lot_is_looked_back_upon(teller: Teller, lot: Answer, patients: set[str]) -> None:
    """In one call: everybody who was given it, how to reach them, and what is open."""
    path = f"/v1/lots/{lot['id']}"
    assert (await teller.get("nurse", path))["state"] == "quarantined"
    exposures = await teller.get("medical_director", f"{path}/exposures")
    assert {each["patient_id"] for each in exposures["patients"]} == patients
    assert all(each["contact"]["given_name"] for each in exposures["patients"])
    assert [each["code"] for each in exposures["open_side_effects"]] == ["AE_GRANULOMA"]


async def only_the_director_lets_go(teller: Teller, path: str, state: str) -> None:
    words = {"reason": "Culture negative; look-back done, nobody else affected."}
    for who in ("nurse", "practitioner"):
        assert (await teller.asks(who, path, "release", words)).status_code == 403
    assert (await teller.move("medical_director", path, "release", words))["state"] == state
