"""How often one credential may call: a moving window per worker process.

The counters live in the worker's memory: they protect it, and cost no query. Sign-in attempts are
limited harder and across workers, in the database, by `api/auth`.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.problems import TooManyRequests
from api.settings import Settings

if TYPE_CHECKING:
    from api.security import Caller


class RequestLimiter:
    """Counts requests per credential; `None` where limits are off."""

    def __init__(self, settings: Settings) -> None:
        self.item = RateLimitItemPerMinute(settings.requests_per_minute)
        self.limiter = FixedWindowRateLimiter(MemoryStorage())


def spend(request: Request, caller: "Caller") -> "Caller":
    """Count this request, complete the caller with what the request says, or TooManyRequests."""
    limits: RequestLimiter | None = request.app.state.request_limiter
    if limits is not None:
        allowed = limits.limiter.hit(limits.item, str(caller.actor_id))
        window = limits.limiter.get_window_stats(limits.item, str(caller.actor_id))
        seconds = max(1, int(window.reset_time - time.time()) + 1)
        request.state.rate_limit_headers = {
            "RateLimit-Policy": f'"default";q={limits.item.amount};w=60',
            "RateLimit": f'"default";r={window.remaining};t={seconds}',
        }
        if not allowed:
            raise TooManyRequests(seconds)
    return replace(
        caller,
        request_id=request.state.request_id,
        client_ip=request.state.client_ip,
        dry_run=request.query_params.get("dry_run") == "true",
    )
