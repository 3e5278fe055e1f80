"""Strict request bodies: what is ambiguous is refused before anything is believed.

JSON is the interchange format of clinical quantities here, so a duplicated "volume_ml" that
silently keeps the last value would be a safety defect. Refused with 400: bytes that are not UTF-8,
duplicate keys, NaN and Infinity, NUL and lone surrogates, nesting beyond what the parser can hold,
numbers too long to be exact. Numbers are read as Decimal, never as binary floats.
"""

import json
import re
from decimal import Decimal
from typing import Any

from fastapi import Request

from api.problems import MalformedJson, PayloadTooLarge, UnsupportedMediaType

MAX_BODY_BYTES = 1024 * 1024
_MAX_NUMBER = 40  # characters; the longest sensible quantity has far fewer
_MAX_DEPTH = 32
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
_FORM_TYPE = "application/x-www-form-urlencoded"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedJson("An object has the same key twice.")
    return result


def _constant(_name: str) -> Any:
    raise MalformedJson("NaN and Infinity are not JSON numbers.")


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER:
        raise MalformedJson(f"A number has more than {_MAX_NUMBER} characters.")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > _MAX_NUMBER:
        raise MalformedJson(f"A number has more than {_MAX_NUMBER} characters.")
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > _MAX_NUMBER:
        raise MalformedJson("A number is too large or too small to be exact.")
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_int=_integer,
    parse_float=_decimal,
    strict=True,
)


def _check_text(value: Any, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise MalformedJson(f"The document is nested deeper than {_MAX_DEPTH} levels.")
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise MalformedJson("A text contains a NUL or a lone surrogate.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, depth + 1)
            _check_text(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_text(item, depth + 1)


def parse(body: bytes) -> Any:
    """The JSON value of `body`; MalformedJson where it is not strictly one."""
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise MalformedJson("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise MalformedJson(f"JSON syntax error at character {error.pos}.") from None
    except RecursionError:
        raise MalformedJson("The document is nested too deeply.") from None
    _check_text(value)
    return value


async def read_body(request: Request) -> None:
    """Read and check the body, and leave it parsed where FastAPI will look for it.

    `request.json()` answers from `_json` when it is there (Starlette's own cache), so the strict
    value is the only one that any schema ever sees.
    """
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise PayloadTooLarge
    if not body:
        return
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type in _JSON_TYPES:
        request._json = parse(body)
    elif media_type != _FORM_TYPE or not request.url.path.startswith("/v1/auth/"):
        raise UnsupportedMediaType(headers=_accepted(request.method))


def _accepted(method: str) -> dict[str, str]:
    name = "Accept-Patch" if method == "PATCH" else "Accept-Post"
    return {name: ", ".join(sorted(_JSON_TYPES, reverse=method == "PATCH"))}
