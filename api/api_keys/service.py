"""Creating and revoking API keys."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.api_keys.schemas import ApiKeyCreate
from api.database import locked
from api.preconditions import check
from api.problems import IllegalTransition, invalid
from api.security import Caller
from api.tokens import TokenKind, issue
from models import ApiKey

_SHOWN = 4  # last characters of the secret part, enough to recognise and useless to guess from


async def create(db: AsyncSession, caller: Caller, draft: ApiKeyCreate) -> tuple[ApiKey, str]:
    """A new key and its secret. No key grants more than its creator has."""
    for position, scope in enumerate(draft.scopes):
        if caller.staff_id is None and not caller.may(scope):
            raise invalid(f"/scopes/{position}", "scope_not_held", "You do not hold this scope.")
    if draft.expires_on is not None and draft.expires_on < caller.today:
        raise invalid("/expires_on", "past", "This day is over.")
    secret, token = issue(TokenKind.API_KEY, caller.clinic_id)
    key = ApiKey(
        clinic_id=caller.clinic_id,
        name=draft.name,
        prefix=f"agn_key_…{secret[-_SHOWN:]}",
        token_hash=token.digest,
        scopes=tuple(dict.fromkeys(draft.scopes)),
        allowed_networks=draft.allowed_networks,
        expires_on=draft.expires_on,
        created_by=caller.staff_id,
    )
    db.add(key)
    audit.record(db, caller, "api_key.created", key)
    await db.flush()
    return key, secret


async def revoke(db: AsyncSession, caller: Caller, key_id: UUID, expected: int) -> ApiKey:
    """End a key at once, for good."""
    key = await locked(db, ApiKey, caller.clinic_id, key_id)
    check(key, expected)
    if key.revoked_at is not None:
        raise IllegalTransition("revoked", [])
    key.revoked_at, key.revoked_by = caller.now, caller.staff_id
    audit.record(db, caller, "api_key.revoked", key)
    await db.flush()
    return key
