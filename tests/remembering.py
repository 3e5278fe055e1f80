"""What many tests begin with is made through the public API once, and then gone back to.

A factory that is `remembered` leaves the database that it made behind: where that costs a copied
file, for its first caller in a process; where it costs a copy of each table, for the second, so
that nothing is kept for one alone. Whoever then calls it with the same words, at the same instant
and on the same state, gets that database, the same answer, and the clock as the factory left it.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import httpx

from tests.clinic import FakeClock
from tests.databases import SharedDatabase

P = ParamSpec("P")
Made = TypeVar("Made")
Key = tuple[str, int, datetime, str]
# The same in every test of a process.
_SURROUNDINGS = frozenset({"as_role", "clinic", "clock", "world"})


@dataclass(frozen=True)
class _Memory:
    state: int
    instant: datetime
    answer: Any


class Remembering:
    """What this process remembers; `database` is set while a test has the shared one."""

    def __init__(self) -> None:
        self.database: SharedDatabase | None = None
        self.clock = FakeClock()
        self._seen: set[Key] = set()
        self._kept: dict[Key, _Memory] = {}
        self._making = False

    async def make(self, name: str, words: str, make: Callable[[], Awaitable[Made]]) -> Made:
        """The answer of `make`, or of an earlier call that was the same in all that counts."""
        database = self.database
        if database is None or database.state is None or self._making:
            return await make()
        key = (name, database.state, self.clock.now, words)
        if key in self._kept:
            memory = self._kept[key]
            database.go_to(memory.state)
            self.clock.set(memory.instant)
            answer: Made = deepcopy(memory.answer)
            return answer
        if key not in self._seen and not database.keeps_lightly:
            self._seen.add(key)
            return await make()
        with self.set_aside():
            made = await make()
        state = await database.keep(key[1])
        self._kept[key] = _Memory(state, self.clock.now, deepcopy(made))
        return made

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Meanwhile whatever is asked for is made, and not kept."""
        before, self._making = self._making, True
        try:
            yield
        finally:
            self._making = before


memory = Remembering()


def remembered(factory: Callable[P, Awaitable[Made]]) -> Callable[P, Awaitable[Made]]:
    """For factories that write through the API and answer with what can be copied."""
    parameters = signature(factory)

    @wraps(factory)
    async def again(*args: P.args, **kwargs: P.kwargs) -> Made:
        given = parameters.bind(*args, **kwargs).arguments
        try:
            words = json.dumps(
                {k: v for k, v in given.items() if k not in _SURROUNDINGS}, default=_word
            )
        except TypeError:
            return await factory(*args, **kwargs)
        name = f"{factory.__module__}.{factory.__qualname__}"
        return await memory.make(name, words, lambda: factory(*args, **kwargs))

    return again


def _word(value: Any) -> str:
    if isinstance(value, httpx.AsyncClient):
        return str(value.headers.get("authorization"))
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
