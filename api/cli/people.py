"""`anagen clinic`, `anagen staff`, `anagen api-key`: administration without HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

import typer
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.api_keys import service as api_keys
from api.api_keys.schemas import ApiKeyCreate
from api.cli.console import USAGE, Json, emit, out, settings, stop, with_database
from api.database import Database, found
from api.founding import NewClinic, found_clinic
from api.passwords import Passwords
from api.problems import NotFound
from api.scopes import PERSONAL_SCOPES, SCOPES, Role
from api.security import Caller, system_caller
from api.staff import service as staff
from api.staff.schemas import StaffCreate
from models import ApiKey, Clinic

clinic_app = typer.Typer(help="Clinics.", no_args_is_help=True)
staff_app = typer.Typer(help="Staff members.", no_args_is_help=True)
key_app = typer.Typer(help="API keys.", no_args_is_help=True)

ClinicOption = Annotated[UUID | None, typer.Option(help="Needed where there are several.")]


@clinic_app.callback()
def about_clinics() -> None:
    """Found clinics. Each gets the reference formulary, protocols and rule set."""


@staff_app.callback()
def about_staff() -> None:
    """Add people to a clinic."""


@clinic_app.command("create")
def create_clinic(
    name: str,
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2, such as FR.")],
    time_zone: Annotated[str, typer.Option(help="IANA name, such as Europe/Paris.")],
    language: Annotated[str, typer.Option(help="Such as en or fr.")] = "en",
    as_json: Json = False,
) -> None:
    """Found a clinic with the reference ingredients, protocols and rule set in it."""
    if time_zone not in available_timezones():
        stop(f"There is no time zone {time_zone}.", USAGE)

    async def work(database: Database) -> UUID:
        async with database.writing() as db:
            clinic, _ = await found_clinic(db, NewClinic(name, country, time_zone, language))
            return clinic.id

    clinic_id = with_database(work)
    emit({"clinic_id": clinic_id}, as_json, lambda: out.print(f"Founded clinic {clinic_id}."))


@staff_app.command("add")
def add_staff(
    display_name: str,
    email: str,
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    bookable: Annotated[bool, typer.Option(help="Performs sessions.")] = False,
    clinic: ClinicOption = None,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)
    ] = "",
    as_json: Json = False,
) -> None:
    """Add a person to a clinic. The password is asked for and never shown."""
    draft = StaffCreate.model_validate(
        {
            "display_name": display_name,
            "email": email,
            "roles": role,
            "bookable": bookable,
            "password": password,
        }
    )

    async def work(database: Database) -> UUID:
        passwords = Passwords(settings())
        async with database.writing() as db:
            caller = await _system(db, clinic)
            member, _ = await staff.add(db, caller, draft, passwords)
            return member.id

    staff_id = with_database(work)
    emit({"staff_id": staff_id}, as_json, lambda: out.print(f"Added staff member {staff_id}."))


@key_app.command("create")
def create_key(
    name: str,
    scope: Annotated[list[str], typer.Option(help="May be given several times.")],
    clinic: ClinicOption = None,
    expires_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which it works.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Create an API key and print it, this once."""
    unknown = sorted(set(scope) - (set(SCOPES) - PERSONAL_SCOPES))
    if unknown:
        stop(f"An API key cannot hold {', '.join(unknown)}.", USAGE)
    last_day: date | None = expires_on.date() if expires_on else None
    draft = ApiKeyCreate(name=name, scopes=tuple(scope), expires_on=last_day)

    async def work(database: Database) -> dict[str, Any]:
        async with database.writing() as db:
            key, secret = await api_keys.create(db, await _granting(db, clinic), draft)
            return {"id": key.id, "secret": secret, "scopes": list(key.scopes)}

    created = with_database(work)
    emit(created, as_json, lambda: out.print(f"{created['secret']}\n(key id {created['id']})"))


@key_app.command("revoke")
def revoke_key(key_id: UUID, clinic: ClinicOption = None) -> None:
    """End a key at once, for good."""

    async def work(database: Database) -> None:
        async with database.writing() as db:
            caller = await _system(db, clinic)
            key = await found(db, ApiKey, caller.clinic_id, key_id)
            await api_keys.revoke(db, caller, key_id, key.version)

    with_database(work)
    out.print("Revoked.")


async def _system(db: AsyncSession, clinic_id: UUID | None) -> Caller:
    """The system's caller for the clinic named, or for the only one there is."""
    clinics = (await db.exec(select(Clinic).limit(2))).all()
    if clinic_id is not None:
        clinic = await db.get(Clinic, clinic_id)
        if clinic is None:
            raise NotFound
        return system_caller(clinic, db.info["now"])
    if len(clinics) != 1:
        stop("Say which clinic with --clinic (there is not exactly one).", USAGE)
    return system_caller(clinics[0], db.info["now"])


async def _granting(db: AsyncSession, clinic_id: UUID | None) -> Caller:
    """As `_system`, holding every scope: who runs the server may grant any to a machine."""
    from dataclasses import replace

    return replace(await _system(db, clinic_id), scopes=frozenset(SCOPES))
