"""Staff members on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Instant, Line, Name
from api.passwords import MAX_LENGTH, MIN_LENGTH
from api.scopes import Role
from api.sessions.outside_schemas import Outside


def _email(text: str) -> str:
    local, at, domain = text.strip().lower().rpartition("@")
    if not (local and at and "." in domain) or any(c.isspace() for c in local + domain):
        raise PydanticCustomError("email", "Give an e-mail address.")
    return f"{local}@{domain}"


Email = Annotated[str, Field(max_length=254, examples=["ines@example.org"]), AfterValidator(_email)]


class StaffCreate(Body):
    """A person's membership in this clinic; a known e-mail address keeps its password."""

    display_name: Name = Field(examples=["Dr Inès Laurent"])
    email: Email
    roles: tuple[Role, ...] = Field(min_length=1, max_length=6, examples=[["practitioner"]])
    bookable: bool = Field(False, description="Performs sessions.")
    profession: Line | None = Field(None, examples=["Dermatologist"])
    licence_number: Line | None = None
    licence_authority: Line | None = None
    qualifications: Line | None = None
    password: SecretStr | None = Field(
        None,
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        description="Initial password of a new account; the person changes it.",
    )


class StaffPatch(Body):
    """JSON merge patch."""

    display_name: Name | None = None
    roles: tuple[Role, ...] | None = Field(None, min_length=1, max_length=6)
    bookable: bool | None = None
    profession: Line | None = None
    licence_number: Line | None = None
    licence_authority: Line | None = None
    qualifications: Line | None = None
    active: bool | None = Field(None, description="false ends all of the person's sign-ins.")


class StaffRead(Answer):
    id: UUID
    display_name: str
    roles: tuple[str, ...]
    bookable: bool
    active: bool
    profession: str | None
    licence_number: str | None
    licence_authority: str | None
    qualifications: str | None
    email: str | None = Field(None, description="Only for who may manage staff.")
    version: int
    created_at: Instant
    updated_at: Instant


class StaffChanged(StaffRead):
    """A membership, and which sessions its change leaves without a practitioner."""

    outside: Outside = Field(
        description="Booked sessions of a person who takes none any more; they stay booked."
    )
