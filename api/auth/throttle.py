"""Guessing passwords is slow: attempts are counted in the database, for all workers together.

Two counters per attempt, one for the e-mail address that is tried and one for the address it is
tried from, each in a window of one minute. The counters are committed in their own transaction
before the password is looked at: an attempt counts whatever comes of it. Counters whose window is
over mean nothing, and are removed by those who come later: anybody may try any address.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import database_of
from api.problems import TooManyRequests
from api.settings import Settings
from models import SignInAttempt

_WINDOW = timedelta(minutes=1)
_FORGOTTEN = 20
_PER_ADDRESS = 4  # times the limit per e-mail address: a clinic shares one public address


async def count_attempt(request: Request, email: str) -> None:
    """Count this attempt; TooManyRequests once the limit of the window is spent."""
    settings: Settings = request.app.state.settings
    if settings.rate_limit == "off":
        return
    limit = settings.sign_ins_per_minute
    counters = [(_key(settings, "email", email), limit)]
    if request.state.client_ip:
        counters.append((_key(settings, "ip", request.state.client_ip), limit * _PER_ADDRESS))
    spent = False
    async with database_of(request).writing() as db:
        now = db.info["now"]
        for key, allowed in sorted(counters):
            attempt = await db.get(SignInAttempt, key, with_for_update=True, populate_existing=True)
            if attempt is None:
                attempt = SignInAttempt(key_hash=key, window_started_at=now)
                db.add(attempt)
            if now - attempt.window_started_at >= _WINDOW:
                attempt.window_started_at, attempt.failures = now, 0
            attempt.failures += 1
            spent = spent or attempt.failures > allowed
        await db.flush()
        await _forget(db, now - _WINDOW)
    if spent:
        raise TooManyRequests(60, "Too many sign-in attempts.")


async def _forget(db: AsyncSession, before: datetime) -> None:
    """Remove more counters than one attempt makes, so that they never pile up."""
    began = col(SignInAttempt.window_started_at)
    over = (
        select(SignInAttempt.key_hash)
        .where(began < before)
        .order_by(began)
        .limit(_FORGOTTEN)
        .with_for_update(skip_locked=True)  # what somebody counts up just now is not over
    )
    if keys := (await db.exec(over)).all():
        await db.execute(delete(SignInAttempt).where(col(SignInAttempt.key_hash).in_(keys)))


def _key(settings: Settings, kind: str, value: str) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
