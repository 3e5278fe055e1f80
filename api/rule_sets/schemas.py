"""Rule-set versions as they are read."""

import json
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, Instant
from models import RuleSet, RuleSetState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class RuleSetSummary(Answer):
    """One dated version of the clinic's figures."""

    id: UUID = Field(description="Of this version.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    number: int = Field(description="The clinic's version, from 1.", examples=[1])
    label: str = Field(examples=["reference-2026.1"])
    state: RuleSetState = Field(description="`draft`, `published` or `superseded`.")
    valid_from: Day = Field(description="First local day on which it judges.")
    content_hash: str = Field(description="SHA-256 of its canonical document, hexadecimal.")
    reason: str | None = Field(description="Why it was made.")
    published_at: Instant | None = Field(description="When it was published, UTC.")
    published_by: UUID | None = Field(description="Who published it; null for the reference.")
    superseded_at: Instant | None = Field(description="When a later one took over, UTC.")


class RuleSetRead(RuleSetSummary):
    """A version with its whole document.

    Every figure is a reference default with unit, source and evidence mark, to be confirmed by
    the clinic's medical director.
    """

    document: dict[str, Any] = Field(
        description="Rules asked, parameters, ingredients, mixing pairs, areas, techniques,"
        " wash-outs, diagnoses, side effects, escalations and reporting clocks."
    )

    @classmethod
    def of(cls, row: RuleSet) -> Self:
        """From its row."""
        return cls(
            **row.model_dump(include=set(RuleSetSummary.model_fields)),
            document=json.loads(row.document),
        )
