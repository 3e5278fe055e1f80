"""The one shape that all entries of a patient's record have, and what tells them apart.

Each kind (allergies, conditions, …) has a file with its schemas and its `RecordKind`: which
table, which order, which days may not lie ahead, and what must be checked beyond that. `records`
does for all of them what is done with an entry; `record_routes` gives them their addresses.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import Answer, Body, Instant, Line
from api.paging import Order, PageQuery
from api.security import Caller
from models import ClinicalRecord

Row = TypeVar("Row", bound=ClinicalRecord)


class RecordRead(Answer):
    """What every entry carries: whose, by whom, when, and whether it still stands."""

    id: UUID = Field(description="Identifier.")
    version: int = Field(description="The row's version, as in the ETag.", examples=[1])
    patient_id: UUID = Field(description="The patient.")
    recorded_by: UUID = Field(description="Staff member or API key that entered it.")
    recorded_at: Instant = Field(description="When it was entered, not when it was true.")
    entered_in_error_at: Instant | None = Field(
        description="When it was marked as wrong; null while it stands."
    )
    entered_in_error_by: UUID | None = Field(description="Who marked it as wrong.")
    entered_in_error_reason: str | None = Field(
        description="Why it is wrong.", examples=["Entered for the wrong patient."]
    )

    @classmethod
    def of(cls, row: ClinicalRecord) -> Self:
        """The answer that shows `row`."""
        return cls.model_validate(row)


class RecordEnteredInError(Body):
    """Why an entry is wrong. It stays readable and no longer counts."""

    reason: Annotated[Line, Field(description="Why.", examples=["Entered for the wrong patient."])]


async def as_drafted(_db: AsyncSession, _caller: Caller, _patient_id: UUID, draft: Any) -> Any:
    """The columns of an entry whose draft has the table's own names and units."""
    return dict(draft)  # not a dump: that would write instants and quantities as texts


async def nothing_more(_db: AsyncSession, _caller: Caller, _row: Any, _draft: Any) -> None:
    """For kinds whose entry is one row and touches no other."""


def unfiltered(_query: Any) -> list[Any]:
    """For kinds whose list has no filters."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind(Generic[Row]):
    """One kind of entry.

    noun: in operation names, audit actions and sentences; path: its address.
    past: days and instants of a draft that may not lie in the future or before the birth.
    span: the first and the last day of something that lasts; the last is not before the first.
    newest_first: what the list is ordered by, the id last.
    change: what PATCH takes, for kinds that may be completed later (an end, a status).
    columns: the row's columns from a draft; raises InvalidRequest for what cannot be.
    afterwards: what else an entry brings about, once it is stored or changed; once_wrong: once
    it is marked as entered in error.
    answers: the rows of a page as answers, in the same order, in a bounded number of queries.
    query, filters: what the list may be narrowed by, and the conditions that this means.
    """

    noun: str
    path: str
    tag: str
    table: type[Row]
    draft: type[Body]
    answer: type[RecordRead]
    newest_first: Order
    past: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    change: type[Body] | None = None
    columns: Callable[[AsyncSession, Caller, UUID, Any], Awaitable[dict[str, Any]]] = as_drafted
    afterwards: Callable[[AsyncSession, Caller, Row, Any], Awaitable[None]] = nothing_more
    once_wrong: Callable[[AsyncSession, Caller, Row, Any], Awaitable[None]] = nothing_more
    answers: Callable[[AsyncSession, Caller, Sequence[Row]], Awaitable[list[RecordRead]]] | None = (
        None
    )
    query: type[PageQuery] = PageQuery
    filters: Callable[[Any], list[Any]] = unfiltered

    async def shown(
        self, db: AsyncSession, caller: Caller, rows: Sequence[Row]
    ) -> list[RecordRead]:
        """The rows as answers."""
        if self.answers is not None:
            return await self.answers(db, caller, rows)
        return [self.answer.of(row) for row in rows]
