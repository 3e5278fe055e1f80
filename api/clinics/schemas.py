"""The clinic and its rooms on the wire."""

from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Code, Day, Instant, Line, Name
from api.sessions.outside_schemas import Outside


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("time_zone", "Give an IANA time zone such as Europe/Paris.")
    return name


TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), AfterValidator(_zone)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class ClinicRead(Answer):
    """The tenant. Days are days of its calendar, in its time zone."""

    id: UUID
    name: str = Field(examples=["Clinique Anagène"])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["FR"])
    region: str | None = Field(description="ISO 3166-2.", examples=["FR-IDF"])
    time_zone: str = Field(examples=["Europe/Paris"])
    language: str
    address: str | None
    phone: str | None
    email: str | None
    emergency_phone: str | None = Field(description="Given to patients with aftercare advice.")
    emergency_kit_checked_on: Day | None
    adrenaline_expires_on: Day | None
    medical_director_confirmed_on: Day | None = Field(
        description="When the medical director confirmed the reference figures; null: not yet."
    )
    version: int
    updated_at: Instant


class ClinicPatch(Body):
    """JSON merge patch; what is absent stays."""

    name: Name | None = None
    country: Country | None = Field(None, description="ISO 3166-1 alpha-2.", examples=["FR"])
    region: Region | None = Field(None, description="ISO 3166-2.", examples=["FR-IDF"])
    time_zone: TimeZone | None = None
    language: Language | None = Field(None, examples=["fr"])
    address: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    emergency_phone: Line | None = None
    emergency_kit_checked_on: Day | None = None
    adrenaline_expires_on: Day | None = None


class RoomCreate(Body):
    name: Name = Field(examples=["Room 1"])
    features: tuple[Code, ...] = Field((), max_length=30, examples=[["LAMP", "LIPID_KIT"]])


class RoomPatch(Body):
    """JSON merge patch; an inactive room takes no new sessions."""

    name: Name | None = None
    features: tuple[Code, ...] | None = Field(None, max_length=30)
    active: bool | None = None


class RoomRead(Answer):
    id: UUID
    name: str
    features: tuple[str, ...]
    active: bool
    version: int
    created_at: Instant
    updated_at: Instant


class RoomChanged(RoomRead):
    """A room, and which sessions its change leaves without one."""

    outside: Outside = Field(
        description="Booked sessions in a room that is not in use any more, or that lacks what"
        " their plans need; they stay booked."
    )
