"""What goes in comes out, exactly; what must not go in does not."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import (
    Account,
    FormulaComponent,
    Hold,
    Ingredient,
    Lot,
    Override,
    Patient,
    PatientSearchTerm,
    SideEffect,
    TreatmentPlan,
    TreatmentSession,
)
from models.hold import HoldScope
from models.lot import Container
from tests.models.rows import (
    DAY,
    NOON,
    make_component,
    make_decision,
    make_patient,
    make_session,
    new_world,
    refused,
    stored,
)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 2, 9, 20, 0, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ],
)
async def test_an_instant_keeps_its_microseconds_and_comes_back_in_utc(engine, instant):
    world = await new_world(engine)
    session = make_session(world, starts_at=instant, ends_at=instant + timedelta(hours=1))
    await stored(engine, session)
    async with AsyncSession(engine) as db:
        read = await db.get_one(TreatmentSession, (world.clinic, session.id))
        assert read.starts_at == instant
        assert read.starts_at.utcoffset() == timedelta(0)
        found = await db.exec(
            select(TreatmentSession.id).where(
                TreatmentSession.starts_at >= instant, TreatmentSession.starts_at <= instant
            )
        )
        assert found.all() == [session.id]


async def test_a_naive_instant_is_refused(engine):
    world = await new_world(engine)
    with pytest.raises(StatementError, match="timezone"):
        await stored(engine, make_session(world, starts_at=NOON.replace(tzinfo=None)))


async def test_large_doses_stay_exact(engine):
    world = await new_world(engine)
    component = make_component(
        world, 1, concentration_milli=999_999_999_999, volume_ul=999_999,
        dose_micro=999_999_999_999 * 999_999,
    )  # fmt: skip
    await stored(engine, component)
    async with AsyncSession(engine) as db:
        read = await db.get_one(FormulaComponent, (world.clinic, component.id))
        assert read.dose_micro == 999_998_999_999_000_001


async def test_codes_come_back_as_a_tuple_in_their_order(engine):
    world = await new_world(engine)
    async with AsyncSession(engine) as db, db.begin():
        plan = await db.get_one(TreatmentPlan, (world.clinic, world.plan))
        assert plan.areas == ("SCALP",)
        plan.areas = ("SCALP_VERTEX", "SCALP_FRONTAL")
    async with AsyncSession(engine) as db:
        plan = await db.get_one(TreatmentPlan, (world.clinic, world.plan))
        assert plan.areas == ("SCALP_VERTEX", "SCALP_FRONTAL")
        raw = await (await db.connection()).execute(text("SELECT areas FROM treatment_plan"))
        assert raw.scalar() == '["SCALP_VERTEX","SCALP_FRONTAL"]'


async def test_terms_are_found_by_prefix_in_byte_order(engine):
    world = await new_world(engine)
    own: dict[str, Any] = {"clinic_id": world.clinic, "patient_id": world.patient}
    await stored(engine, *(PatientSearchTerm(term=t, **own) for t in ["mor", "moreau", "mos"]))
    async with AsyncSession(engine) as db:
        term = PatientSearchTerm.term
        found = await db.exec(select(term).where(term >= "mor", term < "mos").order_by(term))
        assert found.all() == ["mor", "moreau"]


async def change(engine, world, kind, **fields):
    async with refused(engine, f"ck_{kind.__tablename__}") as db:
        row = (await db.exec(select(kind))).first()
        for name, value in fields.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (FormulaComponent, {"dose_micro": 5_000_001}),
        (FormulaComponent, {"volume_ul": 0, "dose_micro": 0}),
        (TreatmentPlan, {"state": "finished"}),
        (TreatmentPlan, {"volume_per_session_ul": -1}),
        (Patient, {"sex": "f"}),
        (Ingredient, {"unit": "g"}),
        (Account, {"email": "Ada@example.org"}),
    ],
)
async def test_a_value_out_of_its_range_is_refused(engine, kind, fields):
    await change(engine, await new_world(engine), kind, **fields)


async def test_a_record_number_is_given_once_per_clinic(engine):
    world, other = await new_world(engine), await new_world(engine)
    await stored(engine, make_patient(other.clinic, "P-2"))
    async with refused(engine, "record_number") as db:
        db.add(make_patient(world.clinic, "P-1"))


async def test_an_override_is_answered_for(engine):
    world = await new_world(engine)
    decision = make_decision(world)
    given: dict[str, Any] = {
        "clinic_id": world.clinic, "decision_id": decision.id, "decided_by": world.author,
        "decided_at": NOON, "reason": "travel", "role": "prescriber",
    }  # fmt: skip
    await stored(engine, decision)
    async with refused(engine, "ck_override_answered_for") as db:
        db.add(Override(code="SPACING-MIN-INTERVAL", comment="x" * 19, **given))
    await stored(engine, Override(code="SPACING-MIN-INTERVAL", comment="x" * 20, **given))


async def test_a_hold_says_what_it_holds(engine):
    world = await new_world(engine)
    hold: dict[str, Any] = {
        "clinic_id": world.clinic, "reason_code": "AE_GRADE_2", "release_role": "prescriber",
        "opened_at": NOON, "opened_by_rule": "AE-HOLD-GRADE",
    }  # fmt: skip
    async with refused(engine, "ck_hold_subject_given") as db:
        db.add(Hold(scope=HoldScope.PLAN, patient_id=world.patient, **hold))
    await stored(engine, Hold(scope=HoldScope.PLAN, plan_id=world.plan, **hold))


async def test_a_side_effect_is_graded_one_to_five(engine):
    world = await new_world(engine)
    report: dict[str, Any] = {
        "clinic_id": world.clinic, "patient_id": world.patient, "code": "AE_BRUISE",
        "description": "Bruise", "reported_by": "patient", "reported_at": NOON, "onset_on": DAY,
        "recorded_by": world.author, "recorded_at": NOON,
    }  # fmt: skip
    for grade in (0, 6):
        async with refused(engine, "ck_side_effect_grade_range") as db:
            db.add(SideEffect(grade=grade, **report))
    await stored(engine, SideEffect(grade=1, **report), SideEffect(grade=5, **report))


async def test_parents_are_written_first_and_deleted_last(engine):
    world = await new_world(engine)  # whose rows were added children first
    lot = Lot(
        clinic_id=world.clinic, ingredient_id=world.ingredient, ingredient_code="BIOTIN",
        product_name="Biotin 5", manufacturer="M", lot_number="L1", expires_on=DAY,
        container=Container.SINGLE_DOSE, received_volume_ul=1, remaining_volume_ul=1,
        recorded_by=world.author, recorded_at=NOON,
    )  # fmt: skip
    session = make_session(world)
    await stored(engine, lot, session)
    async with AsyncSession(engine) as db, db.begin():
        rows = [
            await db.get_one(TreatmentPlan, (world.clinic, world.plan)),
            await db.get_one(TreatmentSession, (world.clinic, session.id)),
        ]
        for row in rows:
            await db.delete(row)
    async with AsyncSession(engine) as db:
        assert (await db.exec(select(TreatmentPlan))).all() == []


def test_every_key_and_index_of_a_clinic_table_starts_with_the_clinic():
    """So that a clinic's rows can live together on one machine of many."""
    global_tables = {"clinic", "account", "sign_in_attempt"}
    for table in SQLModel.metadata.tables.values():
        if table.name in global_tables:
            continue
        assert next(iter(table.primary_key)).name == "clinic_id", table.name
        for index in table.indexes:
            assert index.columns.keys()[0] == "clinic_id", index.name
        for key in table.foreign_key_constraints:
            if key.referred_table.name not in global_tables:
                assert key.column_keys[0] == "clinic_id", key.name
        names = [c.name for c in table.constraints] + [i.name for i in table.indexes]
        assert all(names), table.name
        assert [name for name in names if len(str(name)) > 63] == []
