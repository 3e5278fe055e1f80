"""A person who is or was treated."""

from datetime import date, datetime
from enum import StrEnum

from models.base import ClinicRecord
from models.columns import coded
from models.keys import indexed, unique


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Patient(ClinicRecord, table=True):
    """Who the patient is and how to reach them; what is clinical has tables of its own.

    `search_text` is the names without case and accents, `phone_digits` the phone number's
    digits: both derived, for comparing and finding duplicates. `childbearing_potential` null
    means nobody has asked, which the pregnancy rules never read as no.
    """

    __tablename__ = "patient"
    __table_args__ = (
        unique("record_number"),
        indexed("born_on"),
        indexed("phone_digits"),
        indexed("family_name", "given_name"),
    )

    record_number: str
    given_name: str
    family_name: str
    search_text: str
    born_on: date
    sex: Sex = coded(Sex, "sex")
    phone: str | None = None
    phone_digits: str | None = None
    email: str | None = None
    language: str | None = None
    address: str | None = None
    emergency_contact: str | None = None
    childbearing_potential: bool | None = None
    notes: str | None = None
    archived_at: datetime | None = None
    erased_at: datetime | None = None
