"""What signing in takes and gives."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Body
from api.passwords import MAX_LENGTH, MIN_LENGTH


class TokenAnswer(Answer):
    """An access token for one clinic, and the refresh token that gets the next one."""

    access_token: str = Field(examples=["agn_at_…"])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6749's name of the scheme
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[900])
    refresh_token: str = Field(description="Works once.", examples=["agn_rt_…"])
    scope: str = Field(description="Scopes, separated by blanks.")
    clinic_id: UUID


class WhoAmI(Answer):
    """The caller as the server sees it."""

    clinic_id: UUID
    clinic_name: str
    time_zone: str = Field(examples=["Europe/Paris"])
    actor_kind: Literal["staff", "api_key"]
    actor_id: UUID
    display_name: str
    roles: tuple[str, ...] = Field(description="Empty for an API key.")
    scopes: tuple[str, ...]


class RevokeForm(Body):
    """RFC 7009: the token to revoke; its whole sign-in ends."""

    token: str = Field(max_length=200)


class PasswordChange(Body):
    """A new password; all other sign-ins of the account end."""

    current_password: str = Field(max_length=MAX_LENGTH)
    new_password: str = Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)
