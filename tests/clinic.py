"""The clinic that every test starts from, and the clock that it lives by."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import Database
from api.founding import NewClinic, NewPerson, add_person, found_clinic
from api.security import Caller
from api.settings import Settings
from api.tokens import TokenKind, issue
from models import AccessToken, Clinic, Room, SignIn, StaffMember

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday, 09:00 in Paris
ROLES = ("owner", "medical_director", "practitioner", "nurse", "receptionist", "auditor")


class FakeClock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def set(self, instant: datetime) -> None:
        self.now = instant

    def advance(self, **steps: float) -> None:
        self.now += timedelta(**steps)


@dataclass(frozen=True)
class SeededClinic:
    """Ids of what was founded; `tokens` by "role", "second:role" or "other:role"."""

    id: UUID
    other_id: UUID
    staff: dict[str, UUID]
    room_ids: tuple[UUID, ...]
    tokens: dict[str, str]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def seed(settings: Settings, mail: str = "example.org") -> SeededClinic:
    """Two clinics with one person per role, signed in for ten years; the first has two rooms.

    mail: where their people get theirs; an address belongs to one account.
    """
    database = Database(settings, lambda: START)
    staff: dict[str, UUID] = {}
    tokens: dict[str, str] = {}
    try:
        async with database.writing() as db:
            new = NewClinic("Clinique Anagène", "FR", "Europe/Paris", "fr", "FR-IDF")
            clinic, caller = await found_clinic(db, new)
            _make_ready(clinic)
            for role in ROLES:
                staff[role], tokens[role] = await _person(db, caller, role, role, mail)
            for role in ("medical_director", "practitioner"):
                name = f"second:{role}"
                staff[name], tokens[name] = await _person(db, caller, role, name, mail)
            rooms = [Room(clinic_id=clinic.id, name=f"Room {n}") for n in (1, 2)]
            db.add_all(rooms)
            audit.record(db, caller, "room.added", rooms[0])
        async with database.writing() as db:
            other, caller = await found_clinic(db, NewClinic("Other", "IE", "Europe/Dublin"))
            _make_ready(other)
            for role in (*ROLES, "second:medical_director"):
                name = f"other:{role}"
                kind = role.removeprefix("second:")
                staff[name], tokens[name] = await _person(db, caller, kind, name, mail)
    finally:
        await database.dispose()
    return SeededClinic(clinic.id, other.id, staff, tuple(room.id for room in rooms), tokens)


def _make_ready(clinic: Clinic) -> None:
    """Checked this morning, and good for as long as any test lasts."""
    clinic.emergency_kit_checked_on = START.date()
    clinic.adrenaline_expires_on = START.date() + timedelta(days=3650)


async def _person(
    db: AsyncSession, caller: Caller, role: str, name: str, mail: str
) -> tuple[UUID, str]:
    person = NewPerson(
        display_name=name.replace("_", " ").title(),
        email=f"{name.replace(':', '.')}@{mail}",
        password_hash="not a hash: nobody signs in with it",
        roles=(role,),
        bookable=role in {"medical_director", "practitioner"},
    )
    member = await add_person(db, caller, person)
    return member.id, await _signed_in(db, member)


async def _signed_in(db: AsyncSession, member: StaffMember) -> str:
    far = START + timedelta(days=3650)
    family = SignIn(clinic_id=member.clinic_id, staff_member_id=member.id, expires_at=far)
    db.add(family)
    await db.flush()
    secret, token = issue(TokenKind.ACCESS, member.clinic_id)
    db.add(
        AccessToken(
            clinic_id=member.clinic_id,
            sign_in_id=family.id,
            token_hash=token.digest,
            expires_at=far,
        )
    )
    return secret
