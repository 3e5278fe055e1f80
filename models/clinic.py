"""The tenant."""

from datetime import date
from uuid import UUID

from sqlmodel import Field
from uuid_utils.compat import uuid7

from models.base import Record


class Clinic(Record, table=True):
    """One clinic: its calendar, its language, and what its emergency readiness rests on.

    `time_zone` is an IANA name and decides what a day is. `country` is ISO 3166-1 alpha-2,
    `region` an ISO 3166-2 code. `medical_director_confirmed_on` is the day on which the medical
    director confirmed the reference figures, null while they are only defaults.
    """

    __tablename__ = "clinic"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str
    country: str
    region: str | None = None
    time_zone: str
    language: str = "en"
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    emergency_phone: str | None = None
    emergency_kit_checked_on: date | None = None
    adrenaline_expires_on: date | None = None
    medical_director_confirmed_on: date | None = None
