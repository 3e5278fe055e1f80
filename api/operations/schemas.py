"""Operations as they are read."""

import json
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Instant
from api.paging import PageQuery
from models import ActorKind, Operation, OperationStatus

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class OperationProgress(Answer):
    """How far it is."""

    done: int = Field(description="Pieces of work that are stored.", examples=[2500])
    total: int | None = Field(description="Of how many; null until known.", examples=[10000])


class OperationRead(Answer):
    """One piece of long work. Its ETag counts what people decide, not progress."""

    id: UUID = Field(description="Of this operation.", examples=[_ID])
    version: int = Field(description="The ETag.", examples=[1])
    kind: str = Field(description="What is done.", examples=["rule_set_backtest"])
    status: OperationStatus = Field(
        description="`queued`, `running`; then for good `succeeded`, `failed` or `cancelled`.",
        examples=["running"],
    )
    progress: OperationProgress
    args: dict[str, Any] = Field(
        description="What was asked for.", examples=[{"rule_set_number": 2}]
    )
    result: dict[str, Any] | None = Field(
        description="What came of it, once it succeeded; `href` is where its lines are read.",
        examples=[None],
    )
    problem: dict[str, Any] | None = Field(
        description="Why it failed, a problem document.", examples=[None]
    )
    cancellable: bool = Field(description="Whether it may be cancelled once it was begun.")
    created_at: Instant = Field(description="When it was asked for, UTC.")
    started_at: Instant | None = Field(description="When it was first taken up, UTC.")
    cancel_requested_at: Instant | None = Field(
        description="When somebody asked to cancel it, UTC.", examples=[None]
    )
    finished_at: Instant | None = Field(description="When it ended, UTC.", examples=[None])
    requested_by_kind: ActorKind = Field(
        description="`staff`, `api_key` or `system`.", examples=["staff"]
    )
    requested_by: UUID = Field(description="Who asked for it.")

    @classmethod
    def of(cls, row: Operation) -> Self:
        """From its row."""
        same = set(cls.model_fields) - {"progress", "args", "result", "problem"}
        return cls(
            **row.model_dump(include=same),
            progress=OperationProgress(done=row.done, total=row.total),
            args=json.loads(row.args),
            result=None if row.result is None else json.loads(row.result),
            problem=None if row.problem is None else json.loads(row.problem),
        )


class OperationQuery(PageQuery):
    """Which operations to list."""

    kind: str | None = Field(
        None, max_length=64, description="Only of this kind.", examples=["rule_set_backtest"]
    )
    status: OperationStatus | None = Field(None, description="Only in this status.")
