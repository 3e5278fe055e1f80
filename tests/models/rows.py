"""A clinic with everything that a session needs, and ways to book and perform one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from models import (
    Account,
    ActorKind,
    Administration,
    Clinic,
    Decision,
    Formula,
    FormulaComponent,
    FormulaVersion,
    Ingredient,
    Patient,
    ProtocolPhase,
    ProtocolVersion,
    Room,
    RuleSet,
    StaffMember,
    TreatmentPlan,
    TreatmentProtocol,
    TreatmentSession,
)
from models.decision import DecisionOutcome, DecisionStage
from models.ingredient import IngredientStatus, IngredientUnit

DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """One clinic's ids; `author` is the practitioner, `approver` somebody else."""

    clinic: UUID
    author: UUID
    approver: UUID
    room: UUID
    patient: UUID
    ingredient: UUID
    rule_set: UUID
    formula_version: UUID
    protocol_version: UUID
    plan: UUID


def make_patient(clinic: UUID, number: str = "P-1", **fields: Any) -> Patient:
    known: dict[str, Any] = {
        "given_name": "Ada", "family_name": "Moreau", "search_text": "ada moreau",
        "born_on": date(1989, 4, 2), "sex": "female",
    }  # fmt: skip
    return Patient(clinic_id=clinic, record_number=number, **(known | fields))


def make_rows(**changed: Any) -> tuple[World, list[SQLModel]]:
    """The rows of a new clinic, children first on purpose: the flush must order them."""
    world = World(**({name: uuid7() for name in World.__annotations__} | changed))
    own: dict[str, Any] = {"clinic_id": world.clinic}
    written: dict[str, Any] = {**own, "recorded_by": world.author, "recorded_at": NOON}
    formula = Formula(name="Scalp classic", **written)
    protocol = TreatmentProtocol(name="Weekly", **own)
    people = [Account(email=f"{id_}@example.org", password_hash="-") for id_ in world_staff(world)]
    staff = [
        StaffMember(id=id_, account_id=account.id, display_name="Staff", bookable=True, **own)
        for id_, account in zip(world_staff(world), people, strict=True)
    ]
    return world, [
        TreatmentPlan(
            id=world.plan, patient_id=world.patient, protocol_version_id=world.protocol_version,
            formula_version_id=world.formula_version, practitioner_id=world.author,
            diagnosis_icd10="L64.9", areas=("SCALP",), volume_per_session_ul=2000, **written,
        ),
        ProtocolPhase(
            protocol_version_id=world.protocol_version, position=0, name="A", sessions=4,
            target_days=7, min_days=6, max_days=10, **own,
        ),
        ProtocolVersion(id=world.protocol_version, protocol_id=protocol.id, number=1, **own),
        make_component(world),
        FormulaVersion(
            id=world.formula_version, formula_id=formula.id, number=1, total_volume_ul=3500,
            **written,
        ),
        formula,
        protocol,
        RuleSet(
            id=world.rule_set, number=1, label="reference", valid_from=DAY, document="{}",
            content_hash="0" * 64, **own,
        ),
        Ingredient(
            id=world.ingredient, code="BIOTIN", name="Biotin", category="vitamin",
            status=IngredientStatus.ALLOWED, unit=IngredientUnit.MG, **own,
        ),
        make_patient(world.clinic, id=world.patient),
        Room(id=world.room, name="Room 1", **own),
        *staff,
        *people,
        Clinic(id=world.clinic, name="Clinic", country="FR", time_zone="Europe/Paris"),
    ]  # fmt: skip


def world_staff(world: World) -> tuple[UUID, UUID]:
    return world.author, world.approver


def make_component(world: World, position: int = 0, **fields: Any) -> FormulaComponent:
    known: dict[str, Any] = {
        "concentration_milli": 5000,
        "volume_ul": 1000,
        "dose_micro": 5_000_000,
    }
    return FormulaComponent(
        clinic_id=world.clinic, formula_version_id=world.formula_version, position=position,
        ingredient_id=world.ingredient, ingredient_code="BIOTIN", **(known | fields),
    )  # fmt: skip


def make_session(
    world: World, start_minute: int = 0, end_minute: int = 30, **fields: Any
) -> TreatmentSession:
    """A booking that starts and ends so many minutes after noon."""
    known: dict[str, Any] = {
        "plan_id": world.plan, "patient_id": world.patient, "practitioner_id": world.author,
        "room_id": world.room, "session_number": 1, "scheduled_on": DAY,
        "time_zone": "Europe/Paris", "recorded_by": world.author, "recorded_at": NOON,
        "starts_at": NOON + timedelta(minutes=start_minute),
        "ends_at": NOON + timedelta(minutes=end_minute),
    }  # fmt: skip
    return TreatmentSession(clinic_id=world.clinic, **(known | fields))


def make_decision(world: World) -> Decision:
    return Decision(
        clinic_id=world.clinic, stage=DecisionStage.SCHEDULING, subject_kind="session",
        rule_set_id=world.rule_set, facts="{}", result="{}", outcome=DecisionOutcome.ALLOWED,
        decided_at=NOON, decided_by_kind=ActorKind.STAFF, decided_by=world.author,
    )  # fmt: skip


def make_administration(world: World, session: TreatmentSession, **fields: Any) -> Administration:
    known: dict[str, Any] = {
        "session_id": session.id, "plan_id": world.plan, "patient_id": world.patient,
        "formula_version_id": world.formula_version, "administered_by": world.author,
        "performed_at": NOON, "performed_on": DAY, "administered_ul": 2000,
        "recorded_by": world.author, "recorded_at": NOON,
    }  # fmt: skip
    return Administration(clinic_id=world.clinic, **(known | fields))


async def stored(engine: AsyncEngine, *rows: SQLModel) -> None:
    """Write the rows in one committed transaction."""
    async with AsyncSession(engine, expire_on_commit=False) as db, db.begin():
        db.add_all(rows)


async def new_world(engine: AsyncEngine) -> World:
    world, rows = make_rows()
    await stored(engine, *rows)
    return world


@asynccontextmanager
async def refused(engine: AsyncEngine, name: str) -> AsyncIterator[AsyncSession]:
    """A transaction that the database must refuse, naming `name` (SQLite: or its columns)."""
    with pytest.raises(IntegrityError) as caught:
        async with AsyncSession(engine) as db, db.begin():
            yield db
    assert name in str(caught.value.orig)
