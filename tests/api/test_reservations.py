"""A slot kept free for a moment: it blocks like a booking and vanishes by itself."""

import pytest
from sqlmodel import select

from models import BookingSettings, SlotReservation
from tests.factories import made
from tests.factories_sessions import book, booking, make_active_plan, make_treatable_patient
from tests.stored_rows import write

STARTS = "2026-03-03T09:00:00Z"
LATER = "2026-03-03T09:30:00Z"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def another(as_role, clinic, plan):
    """Another patient's plan, with the same practitioner and formula."""
    patient = await make_treatable_patient(as_role("practitioner"), given_name="Ada")
    return await make_active_plan(
        as_role, clinic, patient=patient, formula={"id": plan["formula_id"]}
    )


def slot(clinic, **over):
    return {
        "practitioner_id": str(clinic.staff["practitioner"]),
        "room_id": str(clinic.room_ids[0]),
        "starts_at": STARTS,
        "duration_minutes": 30,
    } | over


async def reserve(client, clinic, **over):
    return await made(client, "/v1/reservations", slot(clinic, **over))


async def test_it_is_there_for_five_minutes(as_role, clinic, plan, clock):
    desk = as_role("receptionist")
    row = await reserve(desk, clinic, plan_id=plan["id"])
    assert row["expires_at"] == "2026-03-02T08:05:00Z"
    assert (row["starts_at"], row["ends_at"]) == (STARTS, LATER)
    assert row["patient_id"] == plan["patient_id"]
    path = f"/v1/reservations/{row['id']}"
    assert (await desk.get(path)).json() == row
    assert (await desk.get("/v1/reservations")).json()["items"] == [row]
    clock.advance(minutes=4, seconds=59)
    assert (await desk.get(path)).status_code == 200
    clock.advance(seconds=1)
    assert (await desk.get(path)).status_code == 404
    assert (await desk.get("/v1/reservations")).json()["items"] == []
    assert (await desk.delete(path)).status_code == 404


async def test_it_blocks_like_a_booking(as_role, clinic, plan, another):
    desk = as_role("receptionist")
    await reserve(desk, clinic, plan_id=plan["id"])
    refused = await desk.post("/v1/sessions", json=booking(another, clinic, STARTS))
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/schedule-conflict"
    assert problem["conflicts"] == [
        {
            "resource": resource, "starts_at": STARTS, "ends_at": LATER,
            "reserved_until": "2026-03-02T08:05:00Z",
        }
        for resource in ("practitioner", "room")
    ]  # fmt: skip
    nearest = problem["alternatives"][0]
    assert nearest["starts_at"] >= LATER or nearest["ends_at"] <= STARTS
    again = await desk.post("/v1/reservations", json=slot(clinic))
    assert again.json()["type"] == "/problems/schedule-conflict"
    elsewhere = booking(
        plan, clinic, "2026-03-03T09:15:00Z", room_id=str(clinic.room_ids[1]),
        practitioner_id=str(clinic.staff["medical_director"]),
    )  # fmt: skip
    taken = await desk.post("/v1/sessions", json=elsewhere)
    assert [each["resource"] for each in taken.json()["conflicts"]] == ["patient"]
    await book(desk, another, clinic, LATER)


async def test_it_keeps_the_buffers_of_its_booking_free(as_role, clinic, app, plan, another):
    await write(app, clinic, BookingSettings, {"first_after_minutes": 15})
    desk = as_role("receptionist")
    row = await reserve(desk, clinic, plan_id=plan["id"])
    near = await desk.post("/v1/sessions", json=booking(another, clinic, LATER))
    assert near.json()["type"] == "/problems/schedule-conflict"
    await book(desk, another, clinic, "2026-03-03T09:45:00Z")
    await book(desk, plan, clinic, STARTS, reservation_id=row["id"])


async def test_a_session_cannot_move_into_it(as_role, clinic, plan, another):
    desk = as_role("receptionist")
    session = await book(desk, another, clinic, LATER)
    await reserve(desk, clinic)
    moved = await desk.patch(
        f"/v1/sessions/{session['id']}",
        json={"starts_at": "2026-03-03T09:15:00Z"},
        headers={"If-Match": '"1"'},
    )
    assert moved.json()["type"] == "/problems/schedule-conflict"


async def test_a_booking_that_names_it_consumes_it(as_role, clinic, plan, another):
    desk = as_role("receptionist")
    row = await reserve(desk, clinic, plan_id=plan["id"])
    body = booking(plan, clinic, STARTS, reservation_id=row["id"])
    tried = await desk.post("/v1/sessions?dry_run=true", json=body)
    assert tried.json()["outcome"] == "allowed"
    session = await made(desk, "/v1/sessions", body)
    assert session["starts_at"] == STARTS
    assert (await desk.get(f"/v1/reservations/{row['id']}")).status_code == 404
    again = await desk.post("/v1/sessions", json=body | {"starts_at": "2026-03-10T09:00:00Z"})
    assert again.status_code == 404


async def test_it_is_for_its_practitioner_and_patient(as_role, clinic, plan, another):
    desk = as_role("receptionist")
    row = await reserve(desk, clinic, plan_id=plan["id"])
    wrong = [
        booking(another, clinic, STARTS, reservation_id=row["id"]),
        booking(
            plan, clinic, STARTS, reservation_id=row["id"],
            practitioner_id=str(clinic.staff["medical_director"]),
        ),
    ]  # fmt: skip
    for body in wrong:
        refused = await desk.post("/v1/sessions", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/reservation_id"
    assert (await desk.get(f"/v1/reservations/{row['id']}")).status_code == 200


async def test_an_expired_one_is_in_nobodys_way_and_is_removed(
    as_role, clinic, plan, another, clock, app
):
    desk = as_role("receptionist")
    row = await reserve(desk, clinic, plan_id=plan["id"])
    clock.advance(minutes=5)
    refused = await desk.post(
        "/v1/sessions", json=booking(plan, clinic, STARTS, reservation_id=row["id"])
    )
    assert refused.status_code == 404
    await book(desk, another, clinic, STARTS)
    async with app.state.database.reading() as db:
        assert (await db.exec(select(SlotReservation))).all() == []


async def test_one_may_be_reserved_again_after_it_expired(as_role, clinic, clock):
    desk = as_role("receptionist")
    await reserve(desk, clinic)
    clock.advance(minutes=5)
    await reserve(desk, clinic)


async def test_released_it_is_free_at_once(as_role, clinic, plan):
    desk = as_role("receptionist")
    row = await reserve(desk, clinic)
    gone = await desk.delete(f"/v1/reservations/{row['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await desk.get(f"/v1/reservations/{row['id']}")).status_code == 404
    await book(desk, plan, clinic, STARTS)


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"starts_at": "2026-03-02T07:59:00Z"}, "/starts_at"),
        ({"starts_at": "2031-03-06T08:01:00Z"}, "/starts_at"),
        ({"starts_at": "2026-03-03T09:00:00"}, "/starts_at"),
        ({"duration_minutes": 0}, "/duration_minutes"),
        ({"expires_in_minutes": 31}, "/expires_in_minutes"),
        ({"practitioner_id": "nurse"}, "/practitioner_id"),
    ],
)
async def test_what_cannot_be_reserved(as_role, clinic, over, pointer):
    if "practitioner_id" in over:
        over = {"practitioner_id": str(clinic.staff[over["practitioner_id"]])}
    refused = await as_role("receptionist").post("/v1/reservations", json=slot(clinic, **over))
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]


async def test_who_may_not(as_role, clinic):
    refused = await as_role("auditor").post("/v1/reservations", json=slot(clinic))
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "sessions:schedule")
    foreign = await as_role("other:receptionist").post("/v1/reservations", json=slot(clinic))
    assert foreign.status_code == 404


async def test_the_same_key_reserves_once(as_role, clinic):
    desk, key = as_role("receptionist"), {"Idempotency-Key": "hold-1"}
    first = await desk.post("/v1/reservations", json=slot(clinic), headers=key)
    again = await desk.post("/v1/reservations", json=slot(clinic), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
