"""Keyset pages: every row that was there throughout comes exactly once, in a total order.

A cursor holds the sort values of the last row, signed together with what was asked for and by
which clinic: a cursor that was altered, or belongs to another question, is refused.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import invalid

Item = TypeVar("Item")
_SIGNATURE = 16


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Columns of one table, never null, the last one unique; all ascending or all descending."""

    columns: Sequence[Any]
    descending: bool = False


class PageQuery(BaseModel):
    """The paging part of every list's query; unknown parameters are refused."""

    model_config = {"extra": "forbid"}

    limit: int = Field(50, ge=1, le=200, description="Rows per page.")
    cursor: str | None = Field(None, max_length=600, description="`next_cursor` of the last page.")
    with_total: bool = Field(False, description="Count all rows that match, at a cost.")


PageParams = Annotated[PageQuery, Query()]


def _encode_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["t", value.astimezone(UTC).isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, UUID):
        return ["u", str(value)]
    return ["v", value]


def _decode_value(pair: Sequence[Any]) -> Any:
    kind, value = pair
    if kind == "t":
        return datetime.fromisoformat(value)
    if kind == "d":
        return date.fromisoformat(value)
    return UUID(value) if kind == "u" else value


class Pager:
    """Pages of one request: knows the clinic, the question and the secret that signs cursors."""

    def __init__(self, request: Request, query: PageQuery, clinic_id: UUID) -> None:
        self._query = query
        self._request = request
        filters = sorted(
            (key, value)
            for key, value in request.query_params.multi_items()
            if key not in {"cursor", "limit", "with_total"}
        )
        self._question = json.dumps([str(clinic_id), request.url.path, filters])
        self._key = request.app.state.settings.secret_key.get_secret_value().encode()

    def _sign(self, payload: bytes) -> bytes:
        message = self._question.encode() + b"\n" + payload
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_SIGNATURE]

    def cursor(self, values: list[Any]) -> str:
        """The cursor behind a row with these sort values; for lists that make their own pages."""
        payload = json.dumps([_encode_value(value) for value in values]).encode()
        return base64.urlsafe_b64encode(self._sign(payload) + payload).decode().rstrip("=")

    def after(self) -> list[Any] | None:
        """The sort values of the last row seen, or None on the first page."""
        text = self._query.cursor
        if text is None:
            return None
        refusal = invalid("/cursor", "cursor", "This cursor does not belong to this list.")
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise refusal from None
        signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._sign(payload)):
            raise refusal
        return [_decode_value(pair) for pair in json.loads(payload)]

    async def rows(
        self, db: AsyncSession, statement: Select[Any], order: Order
    ) -> tuple[list[Any], str | None, int | None]:
        """The rows of this page, the next cursor, and the total where it was asked for.

        The statement selects one entity and filters by clinic; this adds order, start and limit.
        """
        total = None
        if self._query.with_total:
            counted = select(func.count()).select_from(statement.order_by(None).subquery())
            total = (await db.execute(counted)).scalar_one()
        after = self.after()
        if after is not None:
            statement = statement.where(_beyond(order, after))
        ordering = [c.desc() if order.descending else c.asc() for c in order.columns]
        limited = statement.order_by(*ordering).limit(self._query.limit + 1)
        rows = list((await db.execute(limited)).scalars().all())
        if len(rows) <= self._query.limit:
            return rows, None, total
        rows = rows[: self._query.limit]
        return rows, self.cursor([getattr(rows[-1], c.key) for c in order.columns]), total

    def link(self, response: Response, cursor: str | None) -> None:
        """Add the Link header of the next page."""
        if cursor is not None:
            url = self._request.url.include_query_params(cursor=cursor)
            response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def _beyond(order: Order, after: Sequence[Any]) -> ColumnElement[bool]:
    """Strictly after the cursor's row: one row-value comparison, which an index can answer."""
    row, last = tuple_(*order.columns), tuple_(*after)
    return row < last if order.descending else row > last
