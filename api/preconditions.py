"""ETag and If-Match: a row's version, and proof that the caller has seen it."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from api.problems import PreconditionFailed, PreconditionRequired
from models.base import Record

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def etag(version: int) -> str:
    return f'"{version}"'


def tag(response: Response, row: Record, location: str | None = None) -> None:
    """Put the row's ETag, and for something new its Location, on the answer."""
    response.headers["ETag"] = etag(row.version)
    if location is not None:
        response.headers["Location"] = location


def always_whole(request: Request) -> None:
    """Never answer this request with 304: what it shows can change while its row does not."""
    request.state.always_whole = True


def unchanged(request: Request, response: Response) -> bool:
    """True where If-None-Match names the version that `response` carries."""
    if getattr(request.state, "always_whole", False):
        return False
    sent = request.headers.get("if-none-match")
    current = response.headers.get("etag")
    if sent is None or current is None:
        return False
    return sent.strip() == "*" or current in {part.strip() for part in sent.split(",")}


def _expected_version(
    if_match: Annotated[
        str | None,
        Header(description='The ETag of the version you read, such as `"3"`.', examples=['"1"']),
    ] = None,
) -> int:
    if if_match is None or if_match.strip() == "*":
        raise PreconditionRequired
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise PreconditionFailed("If-Match does not carry an ETag of this resource.")
    return int(match.group(1))


# The version that the caller has seen; 428 where it does not say.
IfMatch = Annotated[int, Depends(_expected_version)]


def check(row: Record, expected: int) -> None:
    """Refuse to change a version that the caller has not seen. Call it on a locked row."""
    if row.version != expected:
        raise PreconditionFailed(headers={"ETag": etag(row.version)})
