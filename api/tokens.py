"""Opaque tokens that carry their clinic.

A token is `agn_<kind>_<clinic 22><secret 43><checksum 6>` in base 62. The clinic is in
it so that its row is found by an index that begins with `clinic_id`; the checksum lets a typo or
a probe be refused without a single query; the prefix lets secret scanners recognise it. Only the
SHA-256 of a token is stored: the secret has 256 bits, so no slow hash is needed.
"""

import hashlib
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CLINIC, _SECRET, _CHECK = 22, 43, 6


class TokenKind(StrEnum):
    ACCESS = "at"
    REFRESH = "rt"
    API_KEY = "key"
    CALENDAR = "cal"  # part of an address, never a credential of the API


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart; `digest` is what the database knows it by."""

    kind: TokenKind
    clinic_id: UUID
    digest: str


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _number(text: str) -> int:
    number = 0
    for character in text:
        number = number * 62 + _DIGITS.index(character)
    return number


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def issue(kind: TokenKind, clinic_id: UUID) -> tuple[str, Token]:
    """A new secret for `clinic_id`, and what to store of it."""
    body = _base62(clinic_id.int, _CLINIC) + _base62(secrets.randbits(256), _SECRET)
    text = f"agn_{kind}_{body}"
    text += _base62(zlib.crc32(text.encode()), _CHECK)
    return text, Token(kind, clinic_id, _digest(text))


def parse(text: str) -> Token | None:
    """The token in `text`, or None where it cannot be one of ours."""
    prefix, _, body = text.rpartition("_")
    kind = prefix.removeprefix("agn_")
    if (
        not prefix.startswith("agn_")
        or kind not in set(TokenKind)
        or len(body) != _CLINIC + _SECRET + _CHECK
        or not set(body) <= set(_DIGITS)
        or _base62(zlib.crc32(text[:-_CHECK].encode()), _CHECK) != text[-_CHECK:]
    ):
        return None
    clinic = _number(body[:_CLINIC])
    if clinic >= 2**128:
        return None
    return Token(TokenKind(kind), UUID(int=clinic), _digest(text))
