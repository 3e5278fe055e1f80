"""More situations in which a rule is asked; each returns the one question that is left."""

from datetime import timedelta
from typing import Any

import httpx

from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    TECHNIQUE,
    book,
    check_in,
    make_active_plan,
    make_lot,
    moved,
    performance,
    protocol_id,
    treated,
)
from tests.factories_side_effects import make_effect, on_day, treat
from tests.stories.situations import (
    NUMBING,
    Answer,
    Ask,
    Lines,
    World,
    a_booking,
    a_move,
    approved,
    approving,
    drug,
    instant,
    patient_of,
    planned,
)

Records = tuple[tuple[str, Answer], ...]
FAT_DISSOLVER = (drug("DEOXYCHOLIC_ACID", "10", "2"),)


async def planning(
    world: World,
    *,
    lines: Lines = NUMBING,
    records: Records = (),
    plan: Answer | None = None,
    **person: Any,
) -> Ask:
    """May this patient be treated like this? records: more entries, as path and body."""
    client = world.as_role("practitioner")
    patient = await patient_of(world, **person)
    for part, body in records:
        await made(client, f"/v1/patients/{patient['id']}/{part}", body)
    made_plan = await _draft_plan(world, patient, lines, **(plan or {}))
    return a_move(world, f"/v1/plans/{made_plan['id']}", "activate", "medical_director")


async def _draft_plan(world: World, patient: Answer, lines: Lines, **over: Any) -> Answer:
    client, formula = world.as_role("practitioner"), await approved(world, lines)
    draft = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        **TECHNIQUE,
    }
    return await made(client, "/v1/plans", draft | over)


async def mixing(world: World, *lines: Answer, **over: Any) -> Ask:
    """May this mixture be approved?"""
    return await approving(world, lines, **over)


async def booking_with(world: World, *, on: str = "2026-03-10", records: Records = ()) -> Ask:
    """May a first session be booked on that day, for a patient with these entries?"""
    patient = await patient_of(world)
    plan = await planned(world, NUMBING, patient=patient)
    for part, body in records:
        await made(world.as_role("practitioner"), f"/v1/patients/{patient['id']}/{part}", body)
    return a_booking(world, plan, instant(on))


async def planning_again(world: World, *, grade: int, test_was_wrong: bool = False) -> Ask:
    """May mepivacaine be planned, after hives of that grade for which it is the probable cause?

    A later test was negative, and what held it was released. test_was_wrong: the record of the
    test was marked as entered in error since.
    """
    nurse, practitioner = world.as_role("nurse"), world.as_role("practitioner")
    patient = await patient_of(world)
    report = {
        "patient_id": patient["id"], "code": "AE_ALLERGY", "grade": grade,
        "first_noticed_on": "2026-02-20", "description": "Hives after an injection elsewhere.",
        "reported_by": "patient", "suspect_ingredient_codes": ["MEPIVACAINE"],
    }  # fmt: skip
    effect = await made(nurse, "/v1/side-effects", report)
    judgement = {"causality": "probable", "comment": "Began within minutes; nothing else given."}
    await moved(practitioner, f"/v1/side-effects/{effect['id']}", "review", judgement)
    allergies = f"/v1/patients/{patient['id']}/allergies"
    refuted = {"ingredient_code": "MEPIVACAINE", "severity": "unknown", "status": "refuted"}
    tested = await made(practitioner, allergies, refuted)
    for hold in effect["holds"]:
        words = {"reason": "Intradermal test negative; to be given again in small steps."}
        await moved(practitioner, f"/v1/holds/{hold['id']}", "release", words)
    if test_was_wrong:
        why = {"reason": "It was another patient's test."}
        await moved(practitioner, f"{allergies}/{tested['id']}", "entered-in-error", why)
    draft = await _draft_plan(world, patient, NUMBING)
    return a_move(world, f"/v1/plans/{draft['id']}", "activate", "medical_director")


async def booking_after_a_course(world: World, *, performed: int) -> Ask:
    """So many sessions with a fat dissolver were performed, 30 days apart; may one more follow?"""
    nurse, how = world.as_role("nurse"), {"technique": "SUBCUTANEOUS_BOLUS", "depth_mm": "6"}
    formula = await approved(world, FAT_DISSOLVER, areas=["SUBMENTAL"])
    patient = await patient_of(world)
    given: Answer = {"areas": ["SUBMENTAL"], "points": 10, **how}
    plan = await make_active_plan(
        world.as_role, world.clinic, patient=patient, formula=formula, **given
    )
    for number in range(performed):
        at = instant("2026-03-02") + timedelta(days=30 * number)
        world.clock.set(at - timedelta(hours=1))
        booked = await answered(a_booking(world, plan, at))
        world.clock.set(at)
        await _kit_checked(world, 0)
        lot = await make_lot(nurse, "DEOXYCHOLIC_ACID", lot_number=f"D-{number}")
        path = f"/v1/sessions/{booked['id']}"
        await answered(a_move(world, path, "check-in", "nurse", SCREENING))
        where = treated("SUBMENTAL", "2", **how, points=10, area_cm2="10")
        body = performance(
            at.isoformat(), areas=[where], discarded_ml="0",
            lots=[{"lot_id": lot["id"], "volume_ml": "2"}],
        )  # fmt: skip
        await answered(a_move(world, path, "administration", "nurse", body))
    return a_booking(world, plan, instant("2026-03-02") + timedelta(days=30 * performed))


async def answered(ask: Ask) -> Answer:
    """Done, with the medical director answering for every finding in its way."""
    findings = (await ask("?dry_run=true")).json()["findings"]
    overrides = [
        {"code": code, "reason": "clinical_judgement", "comment": "Agreed; it is on record."}
        for code in sorted({f["code"] for f in findings if f["severity"] == "override"})
    ]
    warned = sorted({f["code"] for f in findings if f["severity"] == "warn"})
    done = await ask(who="medical_director", overrides=overrides, acknowledged=warned)
    assert done.status_code in {200, 201}, done.text
    result: Answer = done.json()
    return result


async def submitting(world: World, *, on_day_of_clock: int, **over: Any) -> Ask:
    """Is it in time to report this serious case, so many days after its day 0?"""
    nurse = world.as_role("nurse")
    lot = await make_lot(nurse, "MEPIVACAINE")
    done = await treat(world.as_role, world.clinic, world.clock, await planned(world, NUMBING), lot)
    world.clock.set(on_day(1))
    effect = await make_effect(nurse, done, seriousness=["hospitalisation"])
    world.clock.set(on_day(1 + on_day_of_clock))
    sent = {
        "recipient_kind": "authority", "recipient": "National medicines agency",
        "jurisdiction": "FR", "method": "portal",
    } | over  # fmt: skip
    path = f"/v1/side-effects/{effect['id']}/submissions"

    async def ask(query: str = "", who: str | None = None, **answers: Any) -> httpx.Response:
        client = world.as_role(who or "medical_director")
        return await client.post(f"{path}{query}", json=sent | answers)

    return ask


async def injecting_so(
    world: World,
    *,
    lines: Lines = NUMBING,
    lot: Answer | None = None,
    other_patient: bool = False,
    area: Answer | None = None,
    kit_checked_days_ago: int = 0,
    **over: Any,
) -> Ask:
    """May this be recorded on 10 March, of 2 mL, from that lot?

    other_patient: the same lot served somebody else before.
    """
    nurse, at = world.as_role("nurse"), instant("2026-03-10")
    code, where = lines[0]["ingredient_code"], area or treated("SCALP_FRONTAL", "2")
    row = await make_lot(nurse, code, **(lot or {}))
    if other_patient:
        await treat(world.as_role, world.clinic, world.clock, await planned(world, lines), row)
    how = {name: where[name] for name in ("technique", "points", "depth_mm")}
    plan = await make_active_plan(
        world.as_role,
        world.clinic,
        patient=await patient_of(world),
        formula=await approved(world, lines, areas=[where["area"]]),
        areas=[where["area"]],
        **how,
    )
    session = await book(nurse, plan, world.clinic, at.isoformat())
    world.clock.set(at)
    await check_in(nurse, session)
    await _kit_checked(world, kit_checked_days_ago)
    body = performance(
        at.isoformat(),
        areas=[where],
        discarded_ml="0",
        lots=[{"lot_id": row["id"], "volume_ml": "1"}],
    )
    path = f"/v1/sessions/{session['id']}"
    return a_move(world, path, "administration", "nurse", body | over)


async def _kit_checked(world: World, days_ago: int) -> None:
    owner = world.as_role("owner")
    etag = (await owner.get("/v1/clinic")).headers["etag"]
    day = (world.clock.now - timedelta(days=days_ago)).date().isoformat()
    body = {"emergency_kit_checked_on": day}
    changed = await owner.patch("/v1/clinic", json=body, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text


def _results(day: int) -> Answer:
    """What the release of a late nodule waits for."""
    on = f"{on_day(day):%Y-%m-%d}"
    results = [
        {"kind": "culture_mycobacteria", "result": "negative", "on": on},
        {"kind": "look_back", "result": "done", "on": on, "note": "Nobody else is affected."},
    ]
    return {"text": "Results are back.", "results": results}


async def booking_after_that(
    world: World, *, effect: Answer, began_on_day: int, told_on_day: int, on: str
) -> Ask:
    """May a session be booked on `on`, after this effect of the session of 2 March?"""
    nurse = world.as_role("nurse")
    plan = await planned(world, NUMBING)
    lot = await make_lot(nurse, "MEPIVACAINE")
    done = await treat(world.as_role, world.clinic, world.clock, plan, lot)
    world.clock.set(on_day(told_on_day))
    began = {"started_at": on_day(began_on_day)}
    reported = await make_effect(nurse, done, **effect, **began)
    if reported["holds"]:
        await made(nurse, f"/v1/side-effects/{reported['id']}/follow-ups", _results(told_on_day))
    director, path = world.as_role("medical_director"), f"/v1/plans/{plan['id']}"
    for hold in reported["holds"]:
        body = {"hold_id": hold["id"], "reason": "Seen; it may be planned on."}
        if hold["scope"] == "plan":
            await moved(director, path, "release", body)
    return a_booking(world, plan, instant(on))
