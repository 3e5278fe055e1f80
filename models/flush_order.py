"""Rows are written after the rows they point at.

SQLAlchemy orders one flush by relationships, and our tables have none: what is not loaded on
purpose cannot be read by accident. Left alone it would write tables in the order of their names
and the foreign keys would refuse. This gives it the order of the foreign keys: parents are
inserted first and deleted last, however the rows were added to the session.
"""

from typing import Any

from sqlalchemy.orm import Mapper
from sqlalchemy.orm.unitofwork import _DeleteAll, _SaveUpdateAll
from sqlmodel import SQLModel


class _ParentFirst:
    """Tells one flush that rows of `parent` come before rows of `child`."""

    def __init__(self, parent: Mapper[Any], child: Mapper[Any]) -> None:
        self.parent, self.child = parent, child

    def per_property_preprocessors(self, flush: Any) -> None:
        save: Any = _SaveUpdateAll
        delete: Any = _DeleteAll
        flush.dependencies.add((save(flush, self.parent), save(flush, self.child)))
        flush.dependencies.add((delete(flush, self.child), delete(flush, self.parent)))


def order_flushes() -> None:
    """Apply the order to every table; called once, when all of them are known."""
    mappers = {mapper.local_table: mapper for mapper in SQLModel._sa_registry.mappers}
    for table in SQLModel.metadata.sorted_tables:
        steps: list[Any] = mappers[table]._dependency_processors
        parents = {key.referred_table for key in table.foreign_key_constraints} - {table}
        for parent in sorted(parents, key=lambda referred: referred.name):
            steps.append(_ParentFirst(mappers[parent], mappers[table]))
