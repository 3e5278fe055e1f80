"""Who is calling, for which clinic, and whether they may: deny by default.

A route names the scope it needs in its `Security(...)`; the caller is looked up in the route's own
transaction, so a credential that was revoked a moment ago is already refused.
"""

import ipaddress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer, SecurityScopes
from sqlalchemy import BindParameter, bindparam
from sqlmodel import and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import rate_limit
from api.clock import local_day
from api.database import ReadDb, WriteDb, database_of
from api.idempotency import replay_or_begin
from api.problems import Forbidden, Unauthenticated
from api.scopes import SCOPES, Role, scopes_of
from api.tokens import Token, TokenKind, parse
from models import AccessToken, ActorKind, ApiKey, Clinic, SignIn, StaffMember

_SYSTEM = UUID(int=0)
_LAST_USED_PRECISION = timedelta(minutes=10)

# Declares the scheme in OpenAPI; the checking is below.
bearer = OAuth2PasswordBearer(
    tokenUrl="/v1/auth/token", scopes=SCOPES, auto_error=False, scheme_name="bearer"
)
Declared = Annotated[str | None, Depends(bearer)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes this request: one clinic, one actor, one instant."""

    clinic_id: UUID
    actor_kind: ActorKind
    actor_id: UUID
    roles: frozenset[Role]
    scopes: frozenset[str]
    zone: ZoneInfo
    now: datetime
    request_id: str = ""
    client_ip: str | None = None
    dry_run: bool = False
    sign_in_id: UUID | None = None

    @property
    def staff_id(self) -> UUID | None:
        """The staff member, or None where a machine calls."""
        return self.actor_id if self.actor_kind is ActorKind.STAFF else None

    @property
    def today(self) -> date:
        """The clinic's calendar day of this request."""
        return local_day(self.now, self.zone)

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Forbidden where the scope is missing; for what depends on the request's content."""
        if scope not in self.scopes:
            raise Forbidden(scope)

    def person(self) -> UUID:
        """The staff member who answers for this; Forbidden where a machine calls."""
        if self.staff_id is None:
            raise Forbidden("a person", "This needs a person; an API key cannot do it.")
        return self.staff_id


def system_caller(clinic: Clinic, now: datetime) -> Caller:
    """The product itself, for what no person asked for over HTTP; it holds no scopes."""
    return Caller(
        clinic_id=clinic.id,
        actor_kind=ActorKind.SYSTEM,
        actor_id=_SYSTEM,
        roles=frozenset(),
        scopes=frozenset(),
        zone=ZoneInfo(clinic.time_zone),
        now=now,
    )


def presented_token(request: Request) -> Token:
    """The request's access token or API key, if it can be one at all; no query is needed."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    token = parse(text.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.kind not in (TokenKind.ACCESS, TokenKind.API_KEY):
        raise Unauthenticated
    return token


async def recognise(request: Request, db: AsyncSession) -> Caller:
    """Whose credential the request presents; Unauthenticated where it is none, or none any more."""
    token = presented_token(request)
    now: datetime = db.info["now"]
    if token.kind is TokenKind.ACCESS:
        return await _staff_caller(db, token, now)
    return await _key_caller(request, db, token, now)


async def _identify(request: Request, db: AsyncSession) -> Caller:
    return rate_limit.spend(request, await recognise(request, db))


# Built once: every request asks one of them.
_CLINIC: BindParameter[Any] = bindparam("clinic_id")
_DIGEST: BindParameter[Any] = bindparam("digest")
_SIGNED_IN = (
    select(AccessToken, SignIn, StaffMember, Clinic)
    .join(
        SignIn,
        and_(SignIn.clinic_id == AccessToken.clinic_id, SignIn.id == AccessToken.sign_in_id),
    )
    .join(
        StaffMember,
        and_(
            StaffMember.clinic_id == SignIn.clinic_id,
            StaffMember.id == SignIn.staff_member_id,
        ),
    )
    .join(Clinic, and_(Clinic.id == AccessToken.clinic_id))
    .where(AccessToken.clinic_id == _CLINIC, AccessToken.token_hash == _DIGEST)
)
_WITH_KEY = (
    select(ApiKey, Clinic)
    .join(Clinic, and_(Clinic.id == ApiKey.clinic_id))
    .where(ApiKey.clinic_id == _CLINIC, ApiKey.token_hash == _DIGEST)
)


def _values(token: Token) -> dict[str, object]:
    return {"clinic_id": token.clinic_id, "digest": token.digest}


async def _staff_caller(db: AsyncSession, token: Token, now: datetime) -> Caller:
    row = (await db.exec(_SIGNED_IN, params=_values(token))).first()
    if row is None:
        raise Unauthenticated
    access, sign_in, staff, clinic = row
    if access.expires_at <= now or sign_in.revoked_at is not None or staff.disabled_at is not None:
        raise Unauthenticated
    roles = frozenset(Role(role) for role in staff.roles)
    return Caller(
        clinic_id=clinic.id,
        actor_kind=ActorKind.STAFF,
        actor_id=staff.id,
        roles=roles,
        scopes=scopes_of(roles),
        zone=ZoneInfo(clinic.time_zone),
        now=now,
        sign_in_id=sign_in.id,
    )


async def _key_caller(request: Request, db: AsyncSession, token: Token, now: datetime) -> Caller:
    row = (await db.exec(_WITH_KEY, params=_values(token))).first()
    if row is None:
        raise Unauthenticated
    key, clinic = row
    zone = ZoneInfo(clinic.time_zone)
    expired = key.expires_on is not None and key.expires_on < local_day(now, zone)
    if key.revoked_at is not None or expired or not _inside(request, key.allowed_networks):
        raise Unauthenticated
    if key.last_used_at is None or now - key.last_used_at > _LAST_USED_PRECISION:
        request.state.used_key = (key.clinic_id, key.id)
    return Caller(
        clinic_id=clinic.id,
        actor_kind=ActorKind.API_KEY,
        actor_id=key.id,
        roles=frozenset(),
        scopes=frozenset(key.scopes),
        zone=zone,
        now=now,
    )


def _inside(request: Request, networks: tuple[str, ...]) -> bool:
    if not networks:
        return True
    try:
        address = ipaddress.ip_address(request.state.client_ip or "")
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in networks)


def _allow(caller: Caller, needed: SecurityScopes) -> Caller:
    for scope in needed.scopes:
        caller.require(scope)
    return caller


async def read_caller(
    needed: SecurityScopes, request: Request, db: ReadDb, _declared: Declared
) -> Caller:
    """The caller of a route that only reads."""
    return _allow(await _identify(request, db), needed)


async def write_caller(
    needed: SecurityScopes, request: Request, db: WriteDb, _declared: Declared
) -> Caller:
    """The caller of a route that writes; answers a repeated Idempotency-Key before any effect."""
    caller = _allow(await _identify(request, db), needed)
    await replay_or_begin(request, db, caller.clinic_id, caller.actor_id)
    return caller


def key_was_used(request: Request) -> bool:
    """True where the use of this request's API key should be remembered."""
    return hasattr(request.state, "used_key")


async def note_key_use(request: Request) -> None:
    """Remember, to ten minutes, when an API key was last used; after the answer has left."""
    async with database_of(request).writing() as db:
        key = await db.get(ApiKey, request.state.used_key)
        if key is not None:
            key.last_used_at = db.info["now"]
