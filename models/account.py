"""Who can sign in, across clinics."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field
from uuid_utils.compat import uuid7

from models.base import Record


class Account(Record, table=True):
    """A person's e-mail address and password; the only thing that clinics share.

    `email` is stored in lower case, so that one address is one account however it is typed.
    `password_hash` is an Argon2id string.
    """

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower_case"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    email: str = Field(unique=True)
    password_hash: str
    password_changed_at: datetime | None = None
    disabled_at: datetime | None = None
