"""`anagen clinic`, `anagen staff`, `anagen api-key`: administration without HTTP."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.cli.console import (
    USAGE,
    Json,
    emit,
    examples,
    out,
    refuse_input,
    settings,
    stop,
    with_database,
)
from api.scopes import PERSONAL_SCOPES, SCOPES, Role

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from api.database import Database
    from api.security import Caller

clinic_app = typer.Typer(help="Found clinics.", no_args_is_help=True, rich_markup_mode=None)
staff_app = typer.Typer(help="Add staff members.", no_args_is_help=True, rich_markup_mode=None)
key_app = typer.Typer(
    help="Create and revoke API keys.", no_args_is_help=True, rich_markup_mode=None
)

ClinicOption = Annotated[UUID | None, typer.Option(help="Needed where there are several.")]


@clinic_app.callback()
def about_clinics() -> None:
    """Found clinics. Each gets the reference formulary, protocols and rule set."""


@staff_app.callback()
def about_staff() -> None:
    """Add people to a clinic."""


@clinic_app.command(
    "create",
    epilog=examples(
        'anagen clinic create "Clinique du Parc" --country FR --time-zone Europe/Paris'
    ),
)
def create_clinic(
    name: Annotated[str, typer.Argument(help="As patients know it.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2, such as FR.")],
    time_zone: Annotated[str, typer.Option(help="IANA name, such as Europe/Paris.")],
    language: Annotated[str, typer.Option(help="Such as en or fr.")] = "en",
    as_json: Json = False,
) -> None:
    """Found a clinic with the reference ingredients, protocols and rule set in it."""
    _check_clinic(name, country, time_zone, language)

    async def work(database: "Database") -> UUID:
        from api.founding import NewClinic, found_clinic

        async with database.writing() as db:
            clinic, _ = await found_clinic(db, NewClinic(name, country, time_zone, language))
            return clinic.id

    clinic_id = with_database(work)
    emit({"clinic_id": clinic_id}, as_json, lambda: out.print(f"Founded clinic {clinic_id}."))


def _check_clinic(name: str, country: str, time_zone: str, language: str) -> None:
    from zoneinfo import available_timezones

    if not name.strip() or len(name) > 200:
        stop("A clinic's name has 1 to 200 characters.", USAGE)
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        stop("--country is two capital letters, such as FR.", USAGE)
    if not (2 <= len(language) <= 8 and language.isascii() and language.islower()):
        stop("--language is a short code, such as en or fr.", USAGE)
    if time_zone not in available_timezones():
        stop("--time-zone is an IANA name, such as Europe/Paris.", USAGE)


@staff_app.command(
    "add",
    epilog=examples(
        'anagen staff add "Dr Ada Moreau" ada@example.org --role practitioner --bookable',
        'anagen staff add "Bo Lind" bo@example.org --role owner --role receptionist',
    ),
)
def add_staff(
    display_name: Annotated[str, typer.Argument(help="As colleagues and patients know them.")],
    email: Annotated[str, typer.Argument(help="What they sign in with.")],
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    bookable: Annotated[bool, typer.Option("--bookable", help="Performs sessions.")] = False,
    clinic: ClinicOption = None,
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="ANAGEN_NEW_PASSWORD",
            help="Asked for when left out: a command line can be seen by others.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Add a person to a clinic. The password is asked for and never shown."""
    draft = _person(display_name, email, role, bookable, password)

    async def work(database: "Database") -> UUID:
        from api.passwords import Passwords
        from api.staff import service as staff

        passwords = Passwords(settings())
        async with database.writing() as db:
            caller = await _system(db, clinic)
            member, _ = await staff.add(db, caller, draft, passwords)
            return member.id

    staff_id = with_database(work)
    emit({"staff_id": staff_id}, as_json, lambda: out.print(f"Added staff member {staff_id}."))


def _person(name: str, email: str, roles: list[Role], bookable: bool, password: str) -> Any:
    from pydantic import ValidationError

    from api.staff.schemas import StaffCreate

    given = {"display_name": name, "email": email, "roles": roles, "bookable": bookable}
    try:
        return StaffCreate.model_validate(given | {"password": password})
    except ValidationError as error:
        refuse_input(error)


@key_app.command(
    "create",
    epilog=examples(
        'anagen api-key create "Reminders" --scope patients:read --scope sessions:read',
        'anagen api-key create "Stock" --scope lots:write --expires-on 2026-12-31 --json',
    ),
)
def create_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; may be given several times.")],
    clinic: ClinicOption = None,
    expires_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day on which it works.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Create an API key and print it, this once."""
    draft = _key(name, scope, expires_on)

    async def work(database: "Database") -> dict[str, Any]:
        from api.api_keys import service as api_keys

        async with database.writing() as db:
            # Who runs the server may grant any scope to a machine.
            granting = replace(await _system(db, clinic), scopes=frozenset(SCOPES))
            key, secret = await api_keys.create(db, granting, draft)
            return {"id": key.id, "secret": secret, "scopes": list(key.scopes)}

    created = with_database(work)
    emit(created, as_json, lambda: out.print(f"{created['secret']}\n(key id {created['id']})"))


def _key(name: str, scopes: list[str], expires_on: datetime | None) -> Any:
    held = sorted(set(scopes) & PERSONAL_SCOPES)
    if held:
        stop(f"An API key cannot hold {', '.join(held)}: judgement is a person's.", USAGE)
    if not set(scopes) <= set(SCOPES):
        stop(f"Scopes are: {', '.join(sorted(set(SCOPES) - PERSONAL_SCOPES))}.", USAGE)
    from pydantic import ValidationError

    from api.api_keys.schemas import ApiKeyCreate

    last_day = expires_on.date() if expires_on else None
    try:
        return ApiKeyCreate(name=name, scopes=tuple(scopes), expires_on=last_day)
    except ValidationError as error:
        refuse_input(error)


@key_app.command(
    "revoke", epilog=examples("anagen api-key revoke 0192f0c4-1c5e-7cc0-9d5e-5b3f7f8a9b0c")
)
def revoke_key(
    key_id: Annotated[UUID, typer.Argument(help="As printed when it was created.")],
    clinic: ClinicOption = None,
    as_json: Json = False,
) -> None:
    """End a key at once, for good."""

    async def work(database: "Database") -> None:
        from api.api_keys import service as api_keys
        from api.database import found
        from models import ApiKey

        async with database.writing() as db:
            caller = await _system(db, clinic)
            key = await found(db, ApiKey, caller.clinic_id, key_id)
            await api_keys.revoke(db, caller, key_id, key.version)

    with_database(work)
    emit({"id": key_id, "revoked": True}, as_json, lambda: out.print("Revoked."))


async def _system(db: "AsyncSession", clinic_id: UUID | None) -> "Caller":
    """The system's caller for the clinic named, or for the only one there is."""
    from sqlmodel import select

    from api.problems import NotFound
    from api.security import system_caller
    from models import Clinic

    if clinic_id is not None:
        clinic = await db.get(Clinic, clinic_id)
        if clinic is None:
            raise NotFound
        return system_caller(clinic, db.info["now"])
    clinics = (await db.exec(select(Clinic).limit(2))).all()
    if not clinics:
        stop("There is no clinic yet: run `anagen clinic create`.", USAGE)
    if len(clinics) > 1:
        stop("There are several clinics: say which with --clinic.", USAGE)
    return system_caller(clinics[0], db.info["now"])
