"""Founding the demo clinic: its rooms, its colleagues, and in the end its API key."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.api_keys import service as api_keys
from api.api_keys.schemas import ApiKeyCreate
from api.auth.service import Membership, sign_in
from api.clock import local_day
from api.database import Database
from api.demo.desk import ZONE
from api.demo.people import CLINIC_NAME, STAFF, Colleague
from api.founding import NewClinic, NewPerson, add_person, found_clinic
from api.passwords import Passwords
from api.scopes import PERSONAL_SCOPES, SCOPES
from api.security import Caller
from api.settings import Settings
from models import Clinic, Room, SignIn

# What the printed API key may do: everything that a machine may.
_KEY_SCOPES = tuple(sorted(set(SCOPES) - PERSONAL_SCOPES))
_ADRENALINE = timedelta(days=500)
_FEATURES = (("LAMP", "LIPID_KIT"), ("LAMP",))  # of the two rooms
_WHOLE_STORY = {"access_token_minutes": 600_000, "sign_in_days": 400}


@dataclass(frozen=True, slots=True)
class Founded:
    """The clinic's own caller; ids and tokens of the colleagues by login; ids of the rooms."""

    caller: Caller
    staff: dict[str, str]
    rooms: tuple[str, ...]
    tokens: dict[str, str]


async def found(database: Database, settings: Settings) -> Founded:
    """Found the clinic with two rooms and six colleagues, signed in as long as the story lasts."""
    passwords = Passwords(settings)
    hashes = {who.login: await passwords.hash(who.password) for who in STAFF}
    patient = settings.model_copy(update=_WHOLE_STORY)
    async with database.writing() as db:
        new = NewClinic(CLINIC_NAME, "FR", ZONE.key, "fr", "FR-IDF")
        clinic, caller = await found_clinic(db, new)
        clinic.emergency_phone = "112"
        clinic.adrenaline_expires_on = db.info["now"].date() + _ADRENALINE
        rooms = [
            Room(clinic_id=clinic.id, name=f"Room {n}", features=features)
            for n, features in enumerate(_FEATURES, start=1)
        ]
        db.add_all(rooms)
        for room in rooms:
            audit.record(db, caller, "room.added", room)
        staff, tokens = {}, {}
        for who in STAFF:
            member = await _add(db, caller, who, hashes[who.login])
            staff[who.login] = str(member.staff_id)
            tokens[who.login] = (await sign_in(db, patient, member, None)).access_token
    return Founded(caller, staff, tuple(str(room.id) for room in rooms), tokens)


async def _add(db: AsyncSession, caller: Caller, who: Colleague, password_hash: str) -> Membership:
    person = NewPerson(
        display_name=who.name,
        email=who.email,
        password_hash=password_hash,
        roles=who.roles,
        bookable=who.bookable,
        profession=who.profession,
    )
    member = await add_person(db, caller, person)
    return Membership(caller.clinic_id, member.id, member.roles)


async def leave(database: Database, founded: Founded) -> str:
    """End the story's own sign-ins, check the emergency kit, make the key that is printed."""
    async with database.writing() as db:
        now = db.info["now"]
        clinic = await db.get_one(Clinic, founded.caller.clinic_id)
        clinic.emergency_kit_checked_on = local_day(now, ZONE)  # this morning, as every day
        audit.record_clinic(db, founded.caller, "clinic.changed", clinic)
        ours = select(SignIn).where(SignIn.clinic_id == founded.caller.clinic_id)
        for family in await db.exec(ours):
            family.revoked_at, family.revoked_reason = now, "demo made"
        granting = replace(founded.caller, scopes=frozenset(SCOPES), now=now)
        draft = ApiKeyCreate(name="Demo key", scopes=_KEY_SCOPES)
        _, secret = await api_keys.create(db, granting, draft)
        return secret
