"""Column types that SQL lacks: codes from a closed list, lists of codes, exact quantities."""

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Enum, Text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class CodeList(TypeDecorator[tuple[str, ...]]):
    """A short tuple of codes, in the order given, as a canonical JSON array in text.

    For lists that are read with their row and never searched by; what is searched has a table.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) or not all(isinstance(code, str) for code in value):
            raise ValueError("a code list holds strings")
        return json.dumps([str(code) for code in value], ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


def codes() -> Any:
    """A list of codes; empty when nothing is said."""
    return Field(default=(), sa_type=CodeList)


def coded(values: type[StrEnum], name: str, **field: Any) -> Any:
    """One code of a closed list, kept as short text; the database refuses any other.

    name: the column's name, which names its CHECK.
    """
    kind = Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(sa_type=kind, **field)


def quantity(**field: Any) -> Any:
    """An exact amount: a 64-bit integer in the unit that the column's name ends in."""
    return Field(sa_type=BigInteger, **field)
