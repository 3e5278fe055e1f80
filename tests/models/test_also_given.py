"""The database refuses an entry that contradicts itself."""

from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AlsoGiven, GivenMeasure, GivenRoute, IngredientUnit
from tests.models.rows import NOON, make_session, new_world, refused, stored

WHOLE: dict[str, Any] = {
    "strength_milli": 25_000, "amount_milli": 2_000, "measure": GivenMeasure.G,
    "unit": IngredientUnit.MG, "dose_micro": 50_000_000,
}  # fmt: skip


def make(world, session, **fields):
    known: dict[str, Any] = {"name": "Numbing cream", "route": GivenRoute.TOPICAL} | fields
    return AlsoGiven(
        clinic_id=world.clinic, patient_id=world.patient, session_id=session.id,
        recorded_by=world.author, recorded_at=NOON, **known,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": None}, "named"),
        ({"ingredient_code": "BIOTIN"}, "ingredient"),
        (WHOLE | {"dose_micro": 50_000_001}, "dose_exact"),
        (WHOLE | {"dose_micro": None}, "dose_exact"),
        (WHOLE | {"measure": None}, "measured"),
        (WHOLE | {"unit": None}, "counted"),
        ({"unit": IngredientUnit.MG}, "counted"),
        ({"dose_micro": 0, "unit": IngredientUnit.MG}, "dose_micro_range"),
    ],
    ids=[
        "nameless", "code alone", "dose of its own", "no dose", "no measure", "no unit",
        "unit of nothing", "none of it",
    ],
)  # fmt: skip
async def test_an_entry_that_contradicts_itself_is_refused(engine, fields, name):
    world = await new_world(engine)
    session = make_session(world)
    await stored(engine, session)
    async with refused(engine, f"ck_also_given_{name}") as db:
        db.add(make(world, session, **fields))


async def test_the_formulary_alone_says_what_its_ingredients_are(engine):
    world = await new_world(engine)
    session = make_session(world)
    whole = WHOLE | {"ingredient_id": world.ingredient, "ingredient_code": "BIOTIN"}
    await stored(engine, session, make(world, session, **whole), make(world, session))
    async with refused(engine, "ck_also_given_formulary_knows") as db:
        db.add(make(world, session, **whole, local_anaesthetic=False))


async def test_an_entry_is_marked_as_wrong_and_never_rewritten(engine):
    world = await new_world(engine)
    session = make_session(world)
    entry = make(world, session, **WHOLE)
    await stored(engine, session, entry)
    async with refused(engine, "frozen_also_given") as db:
        (await db.get_one(AlsoGiven, (world.clinic, entry.id))).name = "Another cream"
    async with refused(engine, "kept_also_given") as db:
        await db.delete(await db.get_one(AlsoGiven, (world.clinic, entry.id)))
    async with AsyncSession(engine) as db, db.begin():
        row = await db.get_one(AlsoGiven, (world.clinic, entry.id))
        row.entered_in_error_at, row.entered_in_error_by = NOON, world.author
        row.entered_in_error_reason = "It was 2 g."
