"""Failed sign-ins, counted to slow guessing down."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.keys import within


class SignInAttempt(SQLModel, table=True):
    """Failures for one address or one account name within a window.

    Global, because whoever guesses has no clinic yet. `key_hash` is a keyed hash of the e-mail
    address or the client address: the table itself names nobody. Removed after its window, for
    anybody may try any address.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        within("failures", 0, 1_000_000_000),
        Index(None, "window_started_at"),
    )

    key_hash: str = Field(primary_key=True)
    window_started_at: datetime
    failures: int = 0
    blocked_until: datetime | None = None
