"""Gives a change the version that it changes, so that more of the calls reach what is behind it.

Loaded by Schemathesis, in its own process. Where a call is meant to be wrong, nothing is touched.
"""

import os
from typing import Any

import httpx
import schemathesis

_TOKEN = os.environ.get("ANAGEN_LIVE_TOKEN", "")
_SUFFIXES = 3  # how far up the path the thing with an ETag may be


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """If-Match with the present ETag of the nearest thing above that has one."""
    meant_to_be_wrong = case.meta is not None and case.meta.generation.mode.is_negative
    if "If-Match" not in case.headers or meant_to_be_wrong:
        return
    path = case.formatted_path
    for _ in range(_SUFFIXES):
        answer = httpx.get(
            f"{case.operation.base_url.rstrip('/')}{path}",
            headers={"Authorization": f"Bearer {_TOKEN}"},
            timeout=60,
        )
        if "etag" in answer.headers:
            case.headers["If-Match"] = answer.headers["etag"]
            return
        path = path.rpartition("/")[0]
