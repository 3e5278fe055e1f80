"""Signing in: opaque tokens, rotating refresh tokens, and what ends them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.auth.schemas import TokenAnswer
from api.database import locked
from api.passwords import Passwords
from api.problems import Unauthenticated, invalid
from api.scopes import Role, scopes_of
from api.security import Caller
from api.settings import Settings
from api.tokens import Token, TokenKind, issue
from models import AccessToken, Account, RefreshToken, SignIn, StaffMember

REFUSED = "The sign-in is not valid."
# A client that lost the answer to a refresh may ask again this long without being locked out.
_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Membership:
    """A person who proved who they are, in the clinic that they asked for."""

    clinic_id: UUID
    staff_id: UUID
    roles: tuple[str, ...]


async def stored_hash(db: AsyncSession, email: str) -> str | None:
    """The password hash of the account with this address, or None; disabled ones have none."""
    account = (await db.exec(select(Account).where(Account.email == email.lower()))).first()
    return None if account is None or account.disabled_at else account.password_hash


async def memberships(db: AsyncSession, email: str, clinic_id: UUID | None) -> list[Membership]:
    """The clinics where the account works, in order of joining; only `clinic_id` if given."""
    statement = (
        select(StaffMember)
        .join(Account, Account.id == StaffMember.account_id)  # type: ignore[arg-type]
        .where(Account.email == email.lower(), StaffMember.disabled_at.is_(None))  # type: ignore[union-attr]
        .order_by(StaffMember.created_at, StaffMember.id)  # type: ignore[arg-type]
    )
    if clinic_id is not None:
        statement = statement.where(StaffMember.clinic_id == clinic_id)
    rows = (await db.exec(statement)).all()
    return [Membership(row.clinic_id, row.id, row.roles) for row in rows]


async def sign_in(
    db: AsyncSession, settings: Settings, member: Membership, client_ip: str | None
) -> TokenAnswer:
    """Start a family of tokens for a person whose password was right."""
    now = db.info["now"]
    family = SignIn(
        clinic_id=member.clinic_id,
        staff_member_id=member.staff_id,
        expires_at=now + timedelta(days=settings.sign_in_days),
        client_ip=client_ip,
    )
    db.add(family)
    await _forget_expired(db, member.clinic_id)
    await db.flush()
    return _tokens(db, settings, family, member.roles)


async def _forget_expired(db: AsyncSession, clinic_id: UUID) -> None:
    """Tokens that ended a day ago can be of no use, not even to recognise a theft."""
    for kind in (AccessToken, RefreshToken):
        past = db.info["now"] - timedelta(days=1)
        await db.exec(
            delete(kind).where(col(kind.clinic_id) == clinic_id, col(kind.expires_at) < past)
        )


async def refresh(db: AsyncSession, settings: Settings, token: Token) -> TokenAnswer | None:
    """The next pair of tokens; None where a spent token came back and its family was revoked.

    Raises Unauthenticated for unknown, expired or revoked tokens. None must be committed and then
    answered with 401: a revocation that is rolled back would be no revocation.
    """
    now = db.info["now"]
    spent = (
        await db.exec(
            select(RefreshToken)
            .where(
                RefreshToken.clinic_id == token.clinic_id,
                RefreshToken.token_hash == token.digest,
            )
            .with_for_update()
        )
    ).first()
    if spent is None:
        raise Unauthenticated(REFUSED)
    family = await locked(db, SignIn, token.clinic_id, spent.sign_in_id)
    if family.revoked_at is not None or family.expires_at <= now or spent.expires_at <= now:
        raise Unauthenticated(REFUSED)
    if spent.used_at is not None and now - spent.used_at > _GRACE:
        family.revoked_at, family.revoked_reason = now, "refresh token used twice"
        return None
    staff = await db.get(StaffMember, (token.clinic_id, family.staff_member_id))
    if staff is None or staff.disabled_at is not None:
        raise Unauthenticated(REFUSED)
    spent.used_at = now
    return _tokens(db, settings, family, staff.roles)


def _tokens(
    db: AsyncSession, settings: Settings, family: SignIn, roles: tuple[str, ...]
) -> TokenAnswer:
    now = db.info["now"]
    access_text, access = issue(TokenKind.ACCESS, family.clinic_id)
    refresh_text, refreshing = issue(TokenKind.REFRESH, family.clinic_id)
    lifetime = timedelta(minutes=settings.access_token_minutes)
    idle = timedelta(hours=settings.refresh_token_hours)
    db.add(
        AccessToken(
            clinic_id=family.clinic_id,
            sign_in_id=family.id,
            token_hash=access.digest,
            expires_at=min(now + lifetime, family.expires_at),
        )
    )
    db.add(
        RefreshToken(
            clinic_id=family.clinic_id,
            sign_in_id=family.id,
            token_hash=refreshing.digest,
            expires_at=min(now + idle, family.expires_at),
        )
    )
    scopes = scopes_of(frozenset(Role(role) for role in roles))
    return TokenAnswer(
        access_token=access_text,
        expires_in=int(lifetime.total_seconds()),
        refresh_token=refresh_text,
        scope=" ".join(sorted(scopes)),
        clinic_id=family.clinic_id,
    )


async def revoke(db: AsyncSession, token: Token) -> None:
    """End the sign-in that the token belongs to; unknown tokens are nothing to end."""
    kind: Any = RefreshToken if token.kind is TokenKind.REFRESH else AccessToken
    statement = select(kind.sign_in_id).where(
        kind.clinic_id == token.clinic_id, kind.token_hash == token.digest
    )
    sign_in_id = (await db.exec(statement)).first()
    if sign_in_id is not None:
        family = await locked(db, SignIn, token.clinic_id, sign_in_id)
        family.revoked_at = family.revoked_at or db.info["now"]
        family.revoked_reason = family.revoked_reason or "signed out"


async def change_password(
    db: AsyncSession, caller: Caller, passwords: Passwords, current: str, new: str
) -> None:
    """Set a new password and end every other sign-in of the account in this clinic."""
    staff = await locked(db, StaffMember, caller.clinic_id, caller.person())
    account = await db.get(Account, staff.account_id)
    if account is None or not await passwords.verify(account.password_hash, current):
        raise invalid("/current_password", "wrong_password", "This is not the current password.")
    if current == new:
        raise invalid("/new_password", "same_password", "Choose a different password.")
    account.password_hash = await passwords.hash(new)
    account.password_changed_at = caller.now
    families = await db.exec(
        select(SignIn).where(
            SignIn.clinic_id == caller.clinic_id,
            SignIn.staff_member_id == staff.id,
            SignIn.revoked_at.is_(None),  # type: ignore[union-attr]
            SignIn.id != caller.sign_in_id,
        )
    )
    for family in families:
        family.revoked_at, family.revoked_reason = caller.now, "password changed"
    audit.record(db, caller, "password.changed", staff)
