"""Situations in which a rule is asked over HTTP.

Each function makes everything that must be there first and returns the one question that is left,
as a coroutine function: `ask(query="", who=None, **answers)`, sent by the person who would send it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import httpx

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made, make_examined_patient
from tests.factories_formulary import approve_formula, line
from tests.factories_sessions import (
    CONSENTED,
    SCREENING,
    START,
    TECHNIQUE,
    book,
    booking,
    check_in,
    make_active_plan,
    make_lot,
    move_on,
    moved,
    performance,
    protocol_id,
)
from tests.factories_side_effects import make_effect, on_day, treat
from tests.remembering import remembered

Answer = dict[str, Any]
Lines = Sequence[Answer]


class Ask(Protocol):
    """The question: POST with the present ETag, by `who` or by who usually does it."""

    def __call__(
        self, query: str = "", who: str | None = None, **answers: Any
    ) -> Awaitable[httpx.Response]: ...


@dataclass(frozen=True)
class World:
    """The clinic of a test, its people and its clock."""

    as_role: Callable[[str], httpx.AsyncClient]
    clinic: SeededClinic
    clock: FakeClock


def drug(code: str, strength: str, volume_ml: str, unit: str = "mg/mL", **over: Any) -> Answer:
    """A line whose product lists no excipient that matters to an allergy."""
    return line(code, strength, unit, volume_ml, **({"excipient_classes": []} | over))


def saline(volume_ml: str) -> Answer:
    return {
        "ingredient_code": "SODIUM_CHLORIDE_0_9",
        "volume_ml": volume_ml,
        "excipient_classes": [],
    }


NUMBING = (drug("MEPIVACAINE", "10", "2"),)  # has no interval of its own
# A ready product: its leaflet names the solubiliser, and neither oil nor alcohol.
SOLUBILISED: Answer = {"label": {"vehicle_covers_dilution": True, "oil": False, "ethanol_ml": "0"}}
DUTASTERIDE = (drug("DUTASTERIDE", "0.5", "2", **SOLUBILISED),)
MINOXIDIL = (drug("MINOXIDIL", "5", "2", **SOLUBILISED),)
PDRN = (drug("PDRN", "1.875", "2"),)


def instant(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


def a_move(world: World, path: str, move: str, usually: str, body: Answer | None = None) -> Ask:
    async def ask(query: str = "", who: str | None = None, **answers: Any) -> httpx.Response:
        sent = (body or {}) | answers
        return await move_on(world.as_role(who or usually), path, move, sent, query)

    return ask


def a_booking(world: World, plan: Answer, starts_at: datetime) -> Ask:
    async def ask(query: str = "", who: str | None = None, **answers: Any) -> httpx.Response:
        body = booking(plan, world.clinic, starts_at.isoformat(), **answers)
        return await world.as_role(who or "receptionist").post(f"/v1/sessions{query}", json=body)

    return ask


@remembered
async def drafted(world: World, lines: Lines, author: str = "practitioner", **over: Any) -> Answer:
    body = {"name": "Mixture", "areas": ["SCALP"], "components": list(lines)} | over
    return await made(world.as_role(author), "/v1/formulas", body)


@remembered
async def approved(world: World, lines: Lines, **over: Any) -> Answer:
    formula = await drafted(world, lines, **over)
    await approve_formula(world.as_role("medical_director"), formula)
    return formula


async def approving(
    world: World,
    lines: Lines,
    *,
    author: str = "practitioner",
    approver: str = "medical_director",
    **over: Any,
) -> Ask:
    """May this mixture be approved?"""
    formula = await drafted(world, lines, author, **over)
    return a_move(world, f"/v1/formulas/{formula['id']}", "versions/1/approve", approver)


@remembered
async def patient_of(
    world: World,
    *,
    sex: str = "male",
    weight_kg: str | None = "80",
    allergies: Sequence[Answer] = ({"code": "NO_KNOWN_ALLERGIES"},),
    signed_on: str | None = START,
    weighed_on: str = START,
    **person: Any,
) -> Answer:
    """Somebody about whom everything was asked; a woman says that she is not pregnant."""
    client = world.as_role("practitioner")
    patient = await make_examined_patient(client, sex=sex, **person)
    path = f"/v1/patients/{patient['id']}"
    for allergy in allergies:
        await made(client, f"{path}/allergies", allergy)
    if weight_kg is not None:
        weight = {"value": weight_kg, "unit": "kg", "measured_at": f"{weighed_on}T07:00:00Z"}
        await made(client, f"{path}/measurements", {"kind": "weight"} | weight)
    if signed_on is not None:
        consent: Answer = {"document_code": "MESO", "document_version": "1", "signed_on": signed_on}
        consent |= {"ingredient_codes": list(CONSENTED)}
        await made(client, f"{path}/consents", consent)
    if sex == "female":
        statement = {"stated_on": START, "pregnancy_status": "not_pregnant", "lactating": False}
        await made(client, f"{path}/pregnancy-statements", statement)
    return patient


async def activating(
    world: World, *, lines: Lines = NUMBING, volume_ml: str = "2", **person: Any
) -> Ask:
    """May this patient be treated with so much of this mixture?"""
    client = world.as_role("practitioner")
    patient, formula = await patient_of(world, **person), await approved(world, lines)
    body = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": volume_ml,
        **TECHNIQUE,
    }
    plan = await made(client, "/v1/plans", body)
    return a_move(world, f"/v1/plans/{plan['id']}", "activate", "medical_director")


@remembered
async def planned(
    world: World, lines: Lines, *, patient: Answer | None = None, **over: Any
) -> Answer:
    """An active plan of 2 mL a session."""
    return await make_active_plan(
        world.as_role,
        world.clinic,
        patient=patient or await patient_of(world),
        formula=await approved(world, lines),
        **over,
    )


async def booking_after(
    world: World,
    *,
    days: int,
    lines: Lines = NUMBING,
    protocol: str = "P-CLASSIC-442",
    hour: int = 9,
) -> Ask:
    """May the second session take place so many days after the first, of 3 March?"""
    plan = await planned(world, lines, protocol=protocol)
    first = instant("2026-03-03", hour)
    await book(world.as_role("receptionist"), plan, world.clinic, first.isoformat())
    return a_booking(world, plan, first + timedelta(days=days))


async def booking_a_fifth_dose(world: World, *, on: str) -> Ask:
    """Four times 10 mg of minoxidil are booked from 2 March on; may another plan add a fifth?"""
    patient = await patient_of(world)
    first, second = [await planned(world, MINOXIDIL, patient=patient) for _ in range(2)]
    for day in ("02", "08", "14", "20"):
        starts_at = instant(f"2026-03-{day}", 14).isoformat()
        await book(world.as_role("receptionist"), first, world.clinic, starts_at)
    return a_booking(world, second, instant(on))


async def at_the_door(
    world: World,
    *,
    lines: Lines = NUMBING,
    screening: Answer | None = None,
    protocol: str = "P-CLASSIC-442",
    **person: Any,
) -> Ask:
    """May the session of 10 March go on, after this screening?"""
    patient = await patient_of(world, **person)
    plan = await planned(world, lines, patient=patient, protocol=protocol)
    at = instant("2026-03-10")
    session = await book(world.as_role("receptionist"), plan, world.clinic, at.isoformat())
    world.clock.set(at)
    answers = SCREENING | (screening or {})
    return a_move(world, f"/v1/sessions/{session['id']}", "check-in", "nurse", answers)


async def injecting(world: World, *, expires_on: str | None) -> Ask:
    """May what was drawn from that lot on 10 March be recorded? None: no lot is named."""
    plan, at, nurse = await planned(world, NUMBING), instant("2026-03-10"), world.as_role("nurse")
    session = await book(nurse, plan, world.clinic, at.isoformat())
    world.clock.set(at)
    await check_in(nurse, session)
    lots = []
    if expires_on is not None:
        lot = await make_lot(nurse, "MEPIVACAINE", lot_number="M-1", expires_on=expires_on)
        lots = [{"lot_id": lot["id"], "volume_ml": "2"}]
    body = performance(at.isoformat(), lots=lots)
    return a_move(world, f"/v1/sessions/{session['id']}", "administration", "nurse", body)


async def booking_after_an_effect(world: World, *, grade: int) -> Ask:
    """A bruise of that grade after the first session is open; every hold was released."""
    nurse = world.as_role("nurse")
    plan = await planned(world, NUMBING)
    lot = await make_lot(nurse, "MEPIVACAINE")
    treated = await treat(world.as_role, world.clinic, world.clock, plan, lot)
    world.clock.set(on_day(1))
    effect = await make_effect(
        nurse, treated, code="AE_BRUISE", grade=grade, started_at=on_day(1), areas=["SCALP"]
    )
    if effect["holds"]:
        judged = {"causality": "possible", "comment": "Fits the day and the place."}
        path = f"/v1/side-effects/{effect['id']}"
        await moved(world.as_role("practitioner"), path, "review", judged)
    for hold in effect["holds"]:
        body = {"hold_id": hold["id"], "reason": "Seen; it may be planned on."}
        await moved(world.as_role("practitioner"), f"/v1/plans/{plan['id']}", "release", body)
    return a_booking(world, plan, instant("2026-03-09"))
