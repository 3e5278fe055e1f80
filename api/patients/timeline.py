"""Everything about one patient, newest first, over all tables, in two steps.

First the keys: each source gives its newest rows behind the cursor, one query puts them in one
order. Then the rows of the page, one query per kind that occurs in it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.fields import Answer, Instant
from api.paging import Page, PageQuery, Pager
from api.patients.timeline_sources import SOURCES, Source, TimelineKind, of_patient
from api.security import Caller
from models import Patient

_RANKS = {source.kind: rank for rank, source in enumerate(SOURCES)}


class TimelineEntry(Answer):
    """One thing that happened, in one line, and where to read it."""

    kind: TimelineKind = Field(description="What it is.", examples=["session"])
    id: UUID = Field(description="Identifier.")
    occurred_at: Instant = Field(description="When it happened, or was entered.")
    title: str = Field(description="One line.", examples=["weight 62.5 kg"])
    href: str = Field(description="Where to read it.", examples=["/v1/sessions/0195…"])
    entered_in_error: bool = Field(description="It was wrong and no longer counts.")


class TimelineQuery(PageQuery):
    """A timeline, of some kinds only where they are named."""

    kind: list[TimelineKind] = Field(
        [], max_length=len(TimelineKind), description="Only these kinds; repeat for several."
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry stands in the order; the rank of its kind is its place among the sources.

    A number, because databases disagree about the order of words.
    """

    at: datetime
    rank: int
    id: UUID


async def page(
    db: AsyncSession, caller: Caller, patient_id: UUID, query: TimelineQuery, pager: Pager
) -> Page[TimelineEntry]:
    """One page of what the caller may read of this patient; NotFound where unknown."""
    await found(db, Patient, caller.clinic_id, patient_id)
    sources = _visible(caller, query)
    places = await _places(db, caller, patient_id, sources, pager.after(), query.limit + 1)
    more, places = len(places) > query.limit, places[: query.limit]
    return Page[TimelineEntry](
        items=await _entries(db, caller, sources, places),
        next_cursor=(
            pager.cursor([places[-1].at, places[-1].rank, places[-1].id]) if more else None
        ),
        total=await _count(db, caller, patient_id, sources) if query.with_total else None,
    )


def _visible(caller: Caller, query: TimelineQuery) -> list[Source]:
    return [
        source
        for source in SOURCES
        if caller.may(source.scope) and (not query.kind or source.kind in query.kind)
    ]


async def _places(
    db: AsyncSession,
    caller: Caller,
    patient_id: UUID,
    sources: list[Source],
    after: list[Any] | None,
    limit: int,
) -> list[_Place]:
    """The next places in the order, over all sources, in one query."""
    if not sources:
        return []
    newest = [_newest(source, caller.clinic_id, patient_id, after, limit) for source in sources]
    together = union_all(*newest).subquery()
    order = (together.c.at.desc(), together.c.rank.desc(), together.c.id.desc())
    statement = select(together.c.at, together.c.rank, together.c.id).order_by(*order).limit(limit)
    return [_Place(*row) for row in (await db.exec(statement)).all()]


async def _count(db: AsyncSession, caller: Caller, patient_id: UUID, sources: list[Source]) -> int:
    counts = [
        select(func.count().label("rows"))
        .select_from(source.table)
        .where(*of_patient(source, caller.clinic_id, patient_id))
        for source in sources
    ]
    if not counts:
        return 0
    together = union_all(*counts).subquery()
    return int((await db.exec(select(func.sum(together.c.rows)))).one())


def _newest(
    source: Source, clinic_id: UUID, patient_id: UUID, after: list[Any] | None, limit: int
) -> Select[Any]:
    table: Any = source.table
    at, row_id = getattr(table, source.occurred), table.id
    statement = select(
        at.label("at"), literal(_RANKS[source.kind]).label("rank"), row_id.label("id")
    ).where(*of_patient(source, clinic_id, patient_id))
    if after is not None:
        statement = statement.where(_behind(at, row_id, _RANKS[source.kind], after))
    limited = statement.order_by(at.desc(), row_id.desc()).limit(limit).subquery()
    return select(limited.c.at, limited.c.rank, limited.c.id)


def _behind(at: Any, row_id: Any, rank: int, after: list[Any]) -> ColumnElement[bool]:
    """Behind the cursor in the order (instant, rank, id), all descending; the rank is known."""
    last_at, last_rank, last_id = after
    earlier: ColumnElement[bool] = at < last_at
    if rank == last_rank:
        return or_(earlier, and_(at == last_at, row_id < last_id))
    return or_(earlier, at == last_at) if rank < last_rank else earlier


async def _entries(
    db: AsyncSession, caller: Caller, sources: list[Source], places: list[_Place]
) -> list[TimelineEntry]:
    """The entries at these places, in the same order."""
    entries: dict[tuple[int, UUID], TimelineEntry] = {}
    for source in sources:
        wanted = [place.id for place in places if place.rank == _RANKS[source.kind]]
        if not wanted:
            continue
        table: Any = source.table
        statement = select(table).where(
            col(table.clinic_id) == caller.clinic_id, col(table.id).in_(wanted)
        )
        for row in (await db.exec(statement)).all():
            entries[_RANKS[source.kind], row.id] = TimelineEntry(
                kind=source.kind,
                id=row.id,
                occurred_at=getattr(row, source.occurred),
                title=source.words(row),
                href=source.address(row),
                entered_in_error=getattr(row, "entered_in_error_at", None) is not None,
            )
    return [entries[place.rank, place.id] for place in places]
