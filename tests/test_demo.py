"""The demo clinic: everything that a visitor should find in it, and nothing that a rule forbids."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from api import audit
from api.autobook import Api, Options, autobook
from api.availability.loading import load_hours
from api.database import Database
from api.demo import fill, is_empty
from api.demo.cast import stories
from api.main import open_resources
from api.settings import Settings
from models import Clinic, Decision, Patient, SideEffect, TreatmentPlan, TreatmentSession
from models.migrate import upgrade
from tests.clinic import FakeClock, bearer
from tests.conftest import settings_for
from tests.empty_database import empty_database

pytestmark = pytest.mark.slow

MORNING = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)  # a Wednesday
EVENING = datetime(2026, 3, 4, 18, 30, tzinfo=UTC)  # of the same day
ACTIVE = ("scheduled", "confirmed", "checked_in")


@dataclass(frozen=True)
class Demo:
    """A filled database and what `anagen demo --json` would print."""

    settings: Settings
    printed: dict[str, Any]


def at(now: datetime) -> FakeClock:
    clock = FakeClock()
    clock.set(now)
    return clock


async def filled(settings: Settings, now: datetime) -> dict[str, Any]:
    database = Database(settings, at(now))
    try:
        assert await is_empty(database)
        return await fill(database, settings, lambda _done, _total: None)
    finally:
        await database.dispose()


@pytest.fixture(scope="module")
def demo(postgres_server: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with empty_database(postgres_server, "demo", tmp_path_factory.mktemp("demo")) as url:
        upgrade(url)
        settings = settings_for(url)
        yield Demo(settings, asyncio.run(filled(settings, MORNING)))


@pytest.fixture
async def database(demo: Demo) -> AsyncIterator[Database]:
    opened = Database(demo.settings, at(MORNING))
    yield opened
    await opened.dispose()


@pytest.fixture
async def served(demo: Demo, wired: FastAPI) -> AsyncIterator[FastAPI]:
    open_resources(wired, demo.settings, at(MORNING))
    yield wired
    await wired.state.database.dispose()


@pytest.fixture
async def anyone(served: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=served)
    async with httpx.AsyncClient(transport=transport, base_url="http://demo.test") as client:
        yield client


@pytest.fixture
async def visitor(anyone: httpx.AsyncClient, demo: Demo) -> httpx.AsyncClient:
    """Whoever has the printed API key."""
    anyone.headers.update(bearer(demo.printed["api_key"]))
    return anyone


async def everything(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    query: dict[str, str] = {"limit": "200"}
    while True:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return items
        query["cursor"] = answer.json()["next_cursor"]


async def test_one_colleague_of_each_role_can_sign_in(anyone, demo):
    roles = [role for account in demo.printed["accounts"] for role in account["roles"]]
    assert sorted(roles) == [
        "auditor", "medical_director", "nurse", "owner", "practitioner", "receptionist",
    ]  # fmt: skip
    for account in demo.printed["accounts"]:
        form = {"grant_type": "password", "username": account["email"]}
        answer = await anyone.post("/v1/auth/token", data=form | {"password": account["password"]})
        assert answer.status_code == 200, answer.text
        me = await anyone.get("/v1/auth/me", headers=bearer(answer.json()["access_token"]))
        assert me.json()["roles"] == account["roles"]
        assert answer.json()["clinic_id"] == demo.printed["clinic_id"]


async def test_it_has_what_a_clinic_has(visitor):
    assert len(await everything(visitor, "/v1/rooms")) == 2
    assert len(await everything(visitor, "/v1/patients")) == 40
    plans = Counter(plan["state"] for plan in await everything(visitor, "/v1/plans"))
    assert set(plans) == {"draft", "active", "on_hold", "completed", "stopped"}
    sessions = await everything(visitor, "/v1/sessions")
    states = Counter(session["state"] for session in sessions)
    assert states["completed"] >= 60
    assert states["cancelled"] >= 1
    assert states["no_show"] >= 1
    now = MORNING.isoformat()
    assert len([s for s in sessions if s["starts_at"] > now and s["state"] in ACTIVE]) >= 15
    assert [s for s in sessions if s["starts_at"] < "2026-03-04" and s["state"] in ACTIVE] == []


async def test_its_formulary_tells_of_its_history(visitor):
    versions = Counter(each["latest_state"] for each in await everything(visitor, "/v1/formulas"))
    assert set(versions) == {"approved", "draft", "retired"}
    lots = await everything(visitor, "/v1/lots")
    assert {"available", "quarantined"} <= {lot["state"] for lot in lots}
    assert any(lot["expires_on"] < "2026-03-04" for lot in lots)


async def test_who_is_allergic_gets_something_else(visitor):
    plans = {p["patient_id"]: p for p in await everything(visitor, "/v1/plans")}
    formulas = {f["id"]: f for f in await everything(visitor, "/v1/formulas")}
    allergic: dict[str, set[str]] = {}
    for patient_id, plan in plans.items():
        for allergy in await everything(visitor, f"/v1/patients/{patient_id}/allergies"):
            allergic.setdefault(allergy["code"], set()).add(formulas[plan["formula_id"]]["name"])
    assert allergic["AMIDE_LA"] == {"Scalp vitamins, no anaesthetic"}
    assert "Scalp PDRN" not in allergic["FISH"]
    assert len(allergic["NO_KNOWN_ALLERGIES"]) >= 4


async def test_its_side_effects_are_of_several_kinds(visitor):
    effects = await everything(visitor, "/v1/side-effects")
    assert {"AE_BRUISE", "AE_SWELLING", "AE_HEADACHE", "AE_SHED_EARLY", "AE_GRANULOMA"} <= {
        effect["code"] for effect in effects
    }
    assert {effect["state"] for effect in effects} == {"open", "under_review", "resolved"}
    held = [plan for plan in await everything(visitor, "/v1/plans") if plan["state"] == "on_hold"]
    assert {plan["patient_id"] for plan in held} <= {effect["patient_id"] for effect in effects}


async def test_nobody_and_no_room_is_in_two_places(visitor):
    taken: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for session in await everything(visitor, "/v1/sessions"):
        if session["state"] in (*ACTIVE, "completed"):
            for key in ("practitioner_id", "room_id", "patient_id"):
                times = (session["starts_at"], session["ends_at"])
                taken.setdefault((key, session[key]), []).append(times)
    for spans in taken.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(spans)))


async def test_every_finding_was_answered_and_every_decision_replays(visitor):
    overridden = acknowledged = 0
    for summary in await everything(visitor, "/v1/decisions"):
        path = f"/v1/decisions/{summary['id']}"
        replayed = (await visitor.post(f"{path}/replay")).json()
        assert (replayed["identical"], replayed["differences"]) == (True, []), summary
        if summary["verdict"] == "allowed" or summary["stage"] == "side_effect_report":
            continue  # what is found about a side effect stands: it asks for nothing
        decision = (await visitor.get(path)).json()
        assert decision["outcome"] == "allowed", decision["explanation"]
        overridden += any(given["kind"] == "override" for given in decision["answers"])
        acknowledged += any(given["kind"] == "acknowledgement" for given in decision["answers"])
    assert overridden >= 1
    assert acknowledged >= 1


async def test_its_sessions_lie_inside_its_calendars(database):
    async with database.reading() as db:
        clinic = (await db.exec(select(Clinic))).one()
        sessions = list(await db.exec(select(TreatmentSession)))
        hours = await load_hours(
            db, clinic.id, ZoneInfo(clinic.time_zone),
            min(each.starts_at for each in sessions), max(each.ends_at for each in sessions),
            {each.practitioner_id for each in sessions}, {each.room_id for each in sessions},
        )  # fmt: skip
    assert hours.closed
    assert hours.working
    for each in sessions:
        place = each.practitioner_id, each.room_id
        assert hours.restrictions(each.starts_at, each.ends_at, *place) == (), each.starts_at
    assert any(each.occupied_until for each in sessions)


async def test_its_calendars_are_there_to_be_read(visitor):
    assert len((await visitor.get("/v1/clinic/opening-hours")).json()["hours"]) == 7
    assert len(await everything(visitor, "/v1/clinic/closures")) >= 5
    assert [room["features"] for room in await everything(visitor, "/v1/rooms")] == [
        ["LAMP", "LIPID_KIT"], ["LAMP"],
    ]  # fmt: skip


async def test_the_booking_script_finds_whom_to_book_and_whom_to_leave(visitor):
    """Never booked and due again are booked; who cancelled is called; what lapsed is a person's."""
    options = Options(on=MORNING.date(), dry_run=True)
    report = await autobook(Api(visitor), options)
    assert sorted(each.session_number for each in report.booked) == [1, 1, 2, 2]
    assert {"follow_up", "lapsed"} <= {each.code for each in report.for_person}
    assert (report.ok, report.failed, report.settled) == (True, [], [])


async def test_its_audit_log_is_whole(database, demo):
    async with database.reading() as db:
        clinic_id = (await db.exec(select(Clinic.id))).one()
        report = await audit.verify(db, clinic_id)
    assert str(clinic_id) == demo.printed["clinic_id"]
    assert report.first_bad is None
    assert report.records > 500


async def test_it_does_not_say_that_it_is_empty(database):
    assert not await is_empty(database)


async def content(settings: Settings) -> dict[str, list[Any]]:
    """What a visitor would compare: names, days and states, but no ids."""
    database = Database(settings)
    columns: dict[str, tuple[Any, ...]] = {
        "patients": (Patient.given_name, Patient.family_name, Patient.born_on),
        "plans": (TreatmentPlan.state, TreatmentPlan.created_at),
        "sessions": (TreatmentSession.state, TreatmentSession.starts_at),
        "effects": (SideEffect.code, SideEffect.state, SideEffect.started_at),
        "decisions": (Decision.stage, Decision.outcome, Decision.decided_at),
    }
    try:
        async with database.reading() as db:
            return {
                name: [
                    tuple(r) for r in await db.execute(select(*map(col, chosen)).order_by(*chosen))
                ]
                for name, chosen in columns.items()
            }
    finally:
        await database.dispose()


def test_the_same_day_gives_the_same_clinic(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("api.demo.filling.stories", lambda desk: stories(desk)[6::6])
    told = []
    for name, now in (("morning", MORNING), ("evening", EVENING)):
        url = f"sqlite:///{tmp_path / name}.sqlite3"
        upgrade(url)
        settings = settings_for(url)
        asyncio.run(filled(settings, now))
        told.append(asyncio.run(content(settings)))
    assert len(told[0]["sessions"]) > 5
    assert told[0] == told[1]


def test_what_fails_half_way_leaves_an_embedded_database_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def failing(_desk: Any) -> AsyncIterator[datetime]:
        yield MORNING.replace(year=2025, month=12)
        raise RuntimeError("the power failed")

    monkeypatch.setattr("api.demo.filling.stories", lambda desk: [failing(desk)])
    url = f"sqlite:///{tmp_path / 'anagen.sqlite3'}"
    upgrade(url)
    with pytest.raises(RuntimeError, match="power"):
        asyncio.run(filled(settings_for(url), MORNING))
    assert asyncio.run(nothing_in(settings_for(url)))


async def nothing_in(settings: Settings) -> bool:
    database = Database(settings)
    try:
        return await is_empty(database)
    finally:
        await database.dispose()
