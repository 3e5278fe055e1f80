"""Every write leaves a record, chained; and what tampering with the chain looks like."""

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from api import audit
from models import AuditEvent, Event


async def chain(app, clinic):
    async with app.state.database.reading() as db:
        return await audit.verify(db, clinic.id)


async def test_a_write_is_recorded_with_who_what_and_which_fields(app, as_role, clinic):
    owner = as_role("owner")
    path = f"/v1/rooms/{clinic.room_ids[0]}"
    etag = (await owner.get(path)).headers["etag"]
    changed = await owner.patch(
        path,
        json={"active": False},
        headers={"If-Match": etag, "X-Request-Id": "request-4711"},
    )
    assert changed.status_code == 200
    async with app.state.database.reading() as db:
        statement = select(AuditEvent).where(AuditEvent.clinic_id == clinic.id)
        record = (await db.exec(statement.order_by(col(AuditEvent.seq).desc()))).first()
        feed = select(Event).where(Event.clinic_id == clinic.id).order_by(col(Event.seq).desc())
        event = (await db.exec(feed)).first()
    assert (record.action, record.resource_id) == ("room.changed", clinic.room_ids[0])
    assert record.actor_id == clinic.staff["owner"]
    assert record.changed_fields == ("active",)
    assert record.request_id == event.request_id == "request-4711"
    assert record.resource_version == event.resource_version == changed.json()["version"]
    assert (event.type, event.seq) == ("room.changed", record.seq)


async def test_a_refused_write_leaves_no_record(app, as_role, clinic):
    before = await chain(app, clinic)
    answer = await as_role("owner").post("/v1/rooms", json={"name": "Room 1"})
    assert answer.status_code == 409
    assert await chain(app, clinic) == before


async def test_clinics_have_chains_of_their_own(app, as_role, clinic):
    before = await chain(app, clinic)
    assert (await as_role("other:owner").post("/v1/rooms", json={"name": "R"})).status_code == 201
    assert await chain(app, clinic) == before
    await as_role("owner").post("/v1/rooms", json={"name": "R"})
    assert (await chain(app, clinic)).records == before.records + 1


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE audit_event SET action = 'nothing' WHERE seq = 3", "the record was changed"),
        ("UPDATE audit_event SET patient_id = clinic_id WHERE seq = 3", "the record was changed"),
        ("DELETE FROM audit_event WHERE seq = 3", "a record is missing"),
        (
            "DELETE FROM audit_event WHERE seq > 3",
            "records are missing at the end",
        ),
    ],
)
async def test_tampering_is_found(app, clinic, tampering, problem):
    assert (await chain(app, clinic)).first_bad is None
    async with app.state.database.writing() as db:
        if db.get_bind().dialect.name == "postgresql":
            await db.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        else:
            listing = (
                "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_event'"
            )
            for (name,) in (await db.execute(text(listing))).all():
                await db.execute(text(f"DROP TRIGGER {name}"))
        await db.execute(text(tampering))
    report = await chain(app, clinic)
    assert (report.problem, report.first_bad) == (problem, 4 if "> 3" in tampering else 3)


async def test_the_database_refuses_to_rewrite_the_log(app):
    for statement in ("UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"):
        with pytest.raises(Exception, match=r"(?i)append|only|refus|audit"):
            async with app.state.database.writing() as db:
                await db.execute(text(statement))


async def test_a_write_without_a_record_fails(app, clinic):
    from models import Room

    with pytest.raises(RuntimeError, match="without an audit record"):
        async with app.state.database.writing() as db:
            db.add(Room(clinic_id=clinic.id, name="Unrecorded"))
    async with app.state.database.reading() as db:
        assert (await db.exec(select(Room).where(Room.name == "Unrecorded"))).first() is None
