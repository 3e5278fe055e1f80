"""Counting what a request asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event

from tests.remembering import memory


@contextmanager
def counted_queries(app: FastAPI) -> Iterator[list[str]]:
    """The statements that are sent while the block runs, in their order; of factories too, which
    leave nothing to memory meanwhile."""
    sent: list[str] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
    ) -> None:
        sent.append(statement)

    engine = app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with memory.set_aside():
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
