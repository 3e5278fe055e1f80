"""Founding a clinic: its row, its reference formulary, protocols and rule set, its first people.

Clinics are founded by whoever runs the server (`anagen clinic create`, `anagen demo`), never over
HTTP.
"""

from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.ingredients.seeding import seed_reference as seed_ingredients
from api.protocols.seeding import seed_reference as seed_protocols
from api.rule_sets.seeding import seed_reference as seed_rule_set
from api.security import Caller, system_caller
from models import Account, Clinic, StaffMember


@dataclass(frozen=True, slots=True)
class NewClinic:
    """What a clinic is founded with; `time_zone` is an IANA name, `country` ISO 3166-1 alpha-2."""

    name: str
    country: str
    time_zone: str
    language: str = "en"
    region: str | None = None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A first member of staff; `password_hash` is an Argon2id string."""

    display_name: str
    email: str
    password_hash: str
    roles: tuple[str, ...]
    bookable: bool = False
    profession: str | None = None


async def found_clinic(db: AsyncSession, new: NewClinic) -> tuple[Clinic, Caller]:
    """The clinic with everything of the reference in it, and the system's own caller for it."""
    clinic = Clinic(
        name=new.name,
        country=new.country,
        region=new.region,
        time_zone=new.time_zone,
        language=new.language,
    )
    db.add(clinic)
    await db.flush()
    caller = system_caller(clinic, db.info["now"])
    audit.record_clinic(db, caller, "clinic.founded", clinic)
    await seed_rule_set(db, caller)
    await seed_ingredients(db, caller)
    await seed_protocols(db, caller)
    await db.flush()
    return clinic, caller


async def add_person(db: AsyncSession, caller: Caller, new: NewPerson) -> StaffMember:
    """An account and its membership, without a password ever passing through here."""
    account = Account(email=new.email.lower(), password_hash=new.password_hash)
    db.add(account)
    await db.flush()
    member = StaffMember(
        clinic_id=caller.clinic_id,
        account_id=account.id,
        display_name=new.display_name,
        roles=tuple(sorted(new.roles)),
        bookable=new.bookable,
        profession=new.profession,
    )
    db.add(member)
    audit.record(db, caller, "staff_member.added", member)
    await db.flush()
    return member
