"""API keys on the wire."""

import ipaddress
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Day, Instant, Name
from api.scopes import PERSONAL_SCOPES, SCOPES
from models import ApiKey


def _known_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise PydanticCustomError("unknown_scope", "There is no such scope.")
    if scope in PERSONAL_SCOPES:
        raise PydanticCustomError(
            "personal_scope", "Judgement is a person's: an API key cannot hold this scope."
        )
    return scope


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise PydanticCustomError("network", "Give a CIDR block such as 192.0.2.0/24.") from None


Scope = Annotated[str, Field(max_length=40), AfterValidator(_known_scope)]
Network = Annotated[str, Field(max_length=50), AfterValidator(_network)]


class ApiKeyCreate(Body):
    name: Name = Field(description="What it is for.", examples=["Autobook script"])
    scopes: tuple[Scope, ...] = Field(
        min_length=1, max_length=40, examples=[["sessions:schedule", "plans:read"]]
    )
    expires_on: Day | None = Field(None, description="Last local day on which it works.")
    allowed_networks: tuple[Network, ...] = Field(
        (), max_length=20, description="Empty allows any address.", examples=[["192.0.2.0/24"]]
    )


class ApiKeyRead(Answer):
    id: UUID
    name: str
    prefix: str = Field(description="How to recognise it.", examples=["agn_key_…x7Qp"])
    scopes: tuple[str, ...]
    expires_on: Day | None
    allowed_networks: tuple[str, ...]
    last_used_at: Instant | None = Field(description="To ten minutes.")
    revoked_at: Instant | None
    created_at: Instant
    version: int


class ApiKeyCreated(ApiKeyRead):
    secret: str | None = Field(
        description="The key itself, shown this once; null when an idempotent request is replayed.",
        examples=["agn_key_…"],
    )

    @classmethod
    def of(cls, key: ApiKey, secret: str) -> "ApiKeyCreated":
        return cls(**ApiKeyRead.model_validate(key).model_dump(), secret=secret)
