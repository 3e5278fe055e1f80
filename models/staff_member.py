"""An account's membership in one clinic."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from models.base import ClinicRecord
from models.columns import codes
from models.keys import unique


class StaffMember(ClinicRecord, table=True):
    """A person who works in the clinic, with roles; a bookable one performs sessions.

    `roles` are names of the scope table in the API contract. The credentials are what the
    clinic has seen: profession, licence number and who issued it.
    """

    __tablename__ = "staff_member"
    __table_args__ = (unique("account_id"),)

    account_id: UUID = Field(foreign_key="account.id")
    display_name: str
    roles: tuple[str, ...] = codes()
    bookable: bool = False
    profession: str | None = None
    licence_number: str | None = None
    licence_authority: str | None = None
    qualifications: str | None = None
    disabled_at: datetime | None = None
