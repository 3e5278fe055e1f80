"""What the database refuses without being asked: rewriting, and rows of another clinic."""

import pytest
from sqlalchemy import delete, text, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from models import (
    ActorKind,
    AdministeredDose,
    AuditEvent,
    Event,
    FormulaComponent,
    FormulaVersion,
    ProtocolPhase,
    ProtocolVersion,
    RuleSet,
)
from models.formula_version import FormulaState
from models.guard import FROZEN
from models.guards import guards, missing_guards
from models.guards_sqlite import FROZEN_COLUMNS
from models.ingredient import IngredientUnit
from tests.models.rows import (
    DAY,
    NOON,
    make_administration,
    make_component,
    make_decision,
    make_patient,
    make_session,
    new_world,
    refused,
    stored,
)


def make_audit_event(world):
    return AuditEvent(
        clinic_id=world.clinic, seq=1, occurred_at=NOON, actor_kind=ActorKind.SYSTEM, action="test",
        resource_type="clinic", prev_hash="0" * 64, hash="1" * 64,
    )  # fmt: skip


def make_event(world):
    return Event(
        clinic_id=world.clinic, seq=1, type="test", resource_type="clinic",
        resource_id=world.clinic, occurred_at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "column"),
    [(make_audit_event, "action"), (make_event, "type"), (make_decision, "result")],
)
async def test_logs_are_append_only(engine, make, column):
    world = await new_world(engine)
    row = make(world)
    await stored(engine, row)
    guard = f"append_only_{row.__tablename__}"
    async with refused(engine, guard) as db:
        await db.exec(update(type(row)).values({column: "rewritten"}))
    async with refused(engine, guard) as db:
        await db.exec(delete(type(row)))
    async with AsyncSession(engine) as db:
        kept = await db.get_one(type(row), key_of(row))
        assert getattr(kept, column) == getattr(row, column)


def key_of(row):
    return (row.clinic_id, getattr(row, "seq", None) or row.id)


async def test_a_log_cannot_be_emptied_at_once(engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE: its DELETE is refused row by row")
    async with refused(engine, "no_truncate_audit_event") as db:
        await (await db.connection()).execute(text("TRUNCATE audit_event"))


async def test_an_approved_formula_version_keeps_its_content(engine):
    world = await new_world(engine)
    key = {"clinic_id": world.clinic, "id": world.formula_version}
    async with AsyncSession(engine) as db, db.begin():
        version = await db.get_one(FormulaVersion, tuple(key.values()))
        version.total_volume_ul = 3600  # still a draft
        version.state = FormulaState.APPROVED
        version.approved_by, version.approved_at = world.approver, NOON
    async with refused(engine, "frozen_formula_version") as db:
        (await db.get_one(FormulaVersion, tuple(key.values()))).total_volume_ul = 3700
    async with refused(engine, "kept_formula_version") as db:
        await db.exec(delete(FormulaVersion))
    async with refused(engine, "frozen_formula_component") as db:
        await db.exec(update(FormulaComponent).values(product_name="Other"))
    async with refused(engine, "frozen_formula_component") as db:
        await db.exec(delete(FormulaComponent))
    async with refused(engine, "frozen_formula_component") as db:
        db.add(make_component(world, position=1))
    async with AsyncSession(engine) as db, db.begin():
        version = await db.get_one(FormulaVersion, tuple(key.values()))
        version.state = FormulaState.RETIRED
        version.retired_at, version.retired_reason = NOON, "replaced"
        version.version += 1
    async with AsyncSession(engine) as db:
        version = await db.get_one(FormulaVersion, tuple(key.values()))
        assert (version.state, version.total_volume_ul) == ("retired", 3600)


async def test_an_approved_protocol_version_keeps_its_phases(engine):
    await new_world(engine)
    async with AsyncSession(engine) as db, db.begin():
        await db.exec(update(ProtocolPhase).values(target_days=8))  # still a draft
        await db.exec(update(ProtocolVersion).values(state="approved"))
    async with refused(engine, "frozen_protocol_phase") as db:
        await db.exec(update(ProtocolPhase).values(min_days=1))
    async with refused(engine, "frozen_protocol_version") as db:
        await db.exec(update(ProtocolVersion).values(source="elsewhere"))


async def test_a_published_rule_set_can_only_be_superseded(engine):
    await new_world(engine)
    async with AsyncSession(engine) as db, db.begin():
        await db.exec(update(RuleSet).values(document='{"a":1}'))
        await db.exec(update(RuleSet).values(state="published"))
    async with refused(engine, "frozen_rule_set") as db:
        await db.exec(update(RuleSet).values(document="{}"))
    async with refused(engine, "kept_rule_set") as db:
        await db.exec(delete(RuleSet))
    async with AsyncSession(engine) as db, db.begin():
        await db.exec(update(RuleSet).values(state="superseded", superseded_at=NOON))


async def test_an_administration_can_only_be_marked_as_entered_in_error(engine):
    world = await new_world(engine)
    session = make_session(world, state="completed")
    administration = make_administration(world, session)
    dose = AdministeredDose(
        clinic_id=world.clinic, administration_id=administration.id, patient_id=world.patient,
        plan_id=world.plan, ingredient_id=world.ingredient, ingredient_code="BIOTIN",
        unit=IngredientUnit.MG, dose_micro=5_000_000, performed_at=NOON, performed_on=DAY,
    )  # fmt: skip
    await stored(engine, dose, administration, session)
    kind = type(administration)
    async with refused(engine, "frozen_administration") as db:
        await db.exec(update(kind).values(administered_ul=1))
    async with refused(engine, "kept_administration") as db:
        await db.exec(delete(kind))
    async with refused(engine, "append_only_administered_dose") as db:
        await db.exec(update(AdministeredDose).values(dose_micro=1))
    async with refused(engine, "session_id") as db:  # one that stands per session
        db.add(make_administration(world, session))
    async with refused(engine, "ck_administration_entered_in_error") as db:
        await db.exec(update(kind).values(entered_in_error_at=NOON))
    async with AsyncSession(engine) as db, db.begin():
        row = await db.get_one(kind, (world.clinic, administration.id))
        row.entered_in_error_at, row.entered_in_error_by = NOON, world.author
        row.entered_in_error_reason = "Wrong patient."
        row.version += 1
    await stored(engine, make_administration(world, session))  # the right one


async def test_a_row_cannot_point_into_another_clinic(engine):
    world, other = await new_world(engine), await new_world(engine)
    foreign = "FOREIGN KEY" if engine.dialect.name == "sqlite" else "fk_treatment_session_room_id"
    async with refused(engine, foreign) as db:
        db.add(make_session(world, room_id=other.room))


async def test_a_session_is_for_the_patient_of_its_plan(engine):
    world = await new_world(engine)
    stranger = make_patient(world.clinic, "P-2")
    await stored(engine, stranger)
    name = "FOREIGN KEY" if engine.dialect.name == "sqlite" else "plan_id_patient_id"
    async with refused(engine, name) as db:
        db.add(make_session(world, patient_id=stranger.id))


async def test_everything_is_there_after_the_migrations(engine):
    async with engine.connect() as connection:
        assert await missing_guards(connection) == []


@pytest.mark.parametrize("name", ["append_only_audit_event", "no_overlap_room_occupied"])
async def test_a_dropped_guard_is_noticed(engine, name):
    if engine.dialect.name == "sqlite":
        guard = next(guard for guard in guards("sqlite") if guard.name.startswith(name))
        drop = f"DROP TRIGGER {guard.name}"
    else:
        guard = next(guard for guard in guards("postgresql") if guard.name == name)
        kind = "TRIGGER {0} ON {1}" if name.startswith("append") else "{0}"
        drop = (
            f"DROP {kind.format(name, guard.table)}"
            if name.startswith("append")
            else f"ALTER TABLE {guard.table} DROP CONSTRAINT {name}"
        )
    async with engine.begin() as connection:
        await connection.execute(text(drop))
        assert await missing_guards(connection) == [f"{guard.table}.{guard.name}"]


async def test_unenforced_foreign_keys_are_noticed(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL always enforces them")
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA foreign_keys=OFF"))
        assert await missing_guards(connection) == ["foreign_keys"]


def test_the_frozen_columns_are_all_but_those_that_may_change():

    import models  # noqa: F401

    for table, (_, free) in FROZEN.items():
        columns = set(SQLModel.metadata.tables[table].columns.keys())
        assert set(FROZEN_COLUMNS[table].split()) == columns - set(free), table
