"""Guessing passwords is slow: attempts are counted in the database, for all workers together.

Two counters per attempt, one for the e-mail address that is tried and one for the address it is
tried from, each in a window of one minute. The counters are committed in their own transaction
before the password is looked at: an attempt counts whatever comes of it.
"""

import hashlib
import hmac
from datetime import timedelta

from fastapi import Request

from api.database import database_of
from api.problems import TooManyRequests
from api.settings import Settings
from models import SignInAttempt

_WINDOW = timedelta(minutes=1)
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
    if spent:
        raise TooManyRequests(60, "Too many sign-in attempts.")


def _key(settings: Settings, kind: str, value: str) -> str:
    secret = settings.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
