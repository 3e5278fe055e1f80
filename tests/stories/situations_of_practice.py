"""More situations in which a rule is asked; each returns the one question that is left."""

from datetime import timedelta
from typing import Any

from tests.factories import made
from tests.factories_sessions import (
    TECHNIQUE,
    book,
    check_in,
    make_active_plan,
    make_lot,
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
    formula = await approved(world, lines)
    draft = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(client, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        **TECHNIQUE,
    } | (plan or {})
    made_plan = await made(client, "/v1/plans", draft)
    return a_move(world, f"/v1/plans/{made_plan['id']}", "activate", "medical_director")


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
    for hold in reported["holds"]:
        body = {"hold_id": hold["id"], "reason": "Seen; it may be planned on."}
        director = world.as_role("medical_director")
        etag = (await director.get(f"/v1/plans/{plan['id']}")).headers["etag"]
        await director.post(
            f"/v1/plans/{plan['id']}/release", json=body, headers={"If-Match": etag}
        )
    return a_booking(world, plan, instant(on))
