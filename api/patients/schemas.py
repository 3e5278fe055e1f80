"""Who the patient is: what comes in and what goes out."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Day, Instant, Line, Name, Note
from models import Sex

_PHONE = r"^\+?[0-9(][0-9 ().\-/]{3,30}$"
_EMAIL = r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,180}\.[^@\s\x00-\x1f.]{2,63}$"


def _four_digits(value: str) -> str:
    if sum(letter.isdigit() for letter in value) < 4:
        raise PydanticCustomError("phone", "A phone number has at least four digits.")
    return value


Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=_PHONE),
    AfterValidator(_four_digits),
    Field(description="Phone number, best international.", examples=["+33612345678"]),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=_EMAIL),
    Field(description="E-mail address.", examples=["ada@example.org"]),
]
Language = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"),
    Field(description="BCP 47 tag of the language to speak with them.", examples=["fr"]),
]
GivenName = Annotated[Name, Field(description="Given name or names.", examples=["Ada"])]
FamilyName = Annotated[Name, Field(description="Family name.", examples=["Moreau"])]
BornOn = Annotated[Day, Field(description="Birthday.", examples=["1989-04-02"])]
SexField = Annotated[Sex, Field(description="Sex as recorded.", examples=["female"])]
Address = Annotated[
    Line, Field(description="Postal address.", examples=["3 rue des Lilas, 75011 Paris"])
]
EmergencyContact = Annotated[
    Line, Field(description="Whom to call.", examples=["Luc Moreau, +33698765432"])
]
Remark = Annotated[
    Note,
    Field(description="Remark for the front desk; nothing clinical.", examples=["Calls at noon."]),
]


def left_out(**more: Any) -> Any:
    """A field that may be absent from a merge patch but not null."""
    return Field(default_factory=lambda: None, **more)


class PatientCreate(Body):
    """A person to register."""

    given_name: GivenName
    family_name: FamilyName
    born_on: BornOn
    sex: SexField = Sex.UNKNOWN
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None
    address: Address | None = None
    emergency_contact: EmergencyContact | None = None
    notes: Remark | None = None


class PatientChange(Body):
    """A merge patch: what is absent stays; null empties what may be empty."""

    given_name: GivenName = left_out()
    family_name: FamilyName = left_out()
    born_on: BornOn = left_out()
    sex: SexField = left_out()
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None
    address: Address | None = None
    emergency_contact: EmergencyContact | None = None
    notes: Remark | None = None


class PatientRead(Answer):
    """A patient's demographics; nothing clinical, so that the front desk may see it all."""

    id: UUID = Field(description="Identifier.")
    version: int = Field(description="The row's version, as in the ETag.", examples=[1])
    record_number: str = Field(description="Number to say aloud.", examples=["P-000042"])
    given_name: str = Field(description="Given name or names.", examples=["Ada"])
    family_name: str = Field(description="Family name.", examples=["Moreau"])
    born_on: Day = Field(description="Birthday.", examples=["1989-04-02"])
    sex: Sex = Field(description="Sex as recorded.", examples=["female"])
    phone: str | None = Field(description="Phone number.", examples=["+33612345678"])
    email: str | None = Field(description="E-mail address.", examples=["ada@example.org"])
    language: str | None = Field(description="BCP 47 language tag.", examples=["fr"])
    address: str | None = Field(description="Postal address.", examples=["3 rue des Lilas, Paris"])
    emergency_contact: str | None = Field(description="Whom to call.", examples=["Luc Moreau"])
    notes: str | None = Field(description="Remark for the front desk.", examples=["Calls at noon."])
    created_at: Instant = Field(description="When registered.")
    updated_at: Instant = Field(description="When last changed.")


class PatientSearch(Body):
    """What is known of somebody; in a body, because no personal data belongs in a URL."""

    q: Annotated[
        Name | None,
        Field(
            description="Beginnings of names in any order, phone digits or record number.",
            examples=["mor ad"],
        ),
    ] = None
    born_on: Annotated[Day | None, Field(description="Birthday.", examples=["1989-04-02"])] = None
    limit: int = Field(20, ge=1, le=100, description="Rows per page.")
    cursor: str | None = Field(
        None, max_length=60, description="`next_cursor` of the page before, same question."
    )


def age_years(born_on: date, on: date) -> int:
    """Completed years on a day; somebody born on 29 February turns older on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
