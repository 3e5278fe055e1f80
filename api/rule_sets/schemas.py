"""Rule-set versions as they are drafted, published, compared and read."""

import json
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.fields import Answer, Body, Day, Instant, Line, Note
from models import RuleSet, RuleSetState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
FIGURE = "ingredients/DUTASTERIDE/max_session"
_CHANGES = {
    "ingredients": {
        "DUTASTERIDE": {
            "max_session": {
                "value": "0.5",
                "unit": "mg",
                "source": "Decision of the medical director, 2026-03-02",
                "evidence": "convention",
            }
        }
    }
}

FigureName = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Reasons = Annotated[
    dict[FigureName, Note | None],
    Field(
        description="Why each figure that is looser than before is looser, in 20 characters or"
        " more, by the name of the figure (`table/row/field`). Null takes a reason away.",
        examples=[{}],
    ),
]
Changes = Annotated[
    dict[str, Any],
    Field(
        description="What is different, a JSON merge: table, key of the row, field. Null takes a"
        " field or a row away. A figure with another value names its own source.",
        examples=[_CHANGES],
    ),
]
Document = Annotated[
    dict[str, Any],
    Field(
        description="The whole document, as a version shows it. Label and first day of the"
        " request go into it.",
        examples=[None],
    ),
]
Label = Annotated[Line, Field(description="What people call it.", examples=["own-2026.1"])]
ValidFrom = Annotated[
    Day,
    Field(
        description="First local day on which it judges: today or later, and not before the"
        " first day of the version before.",
        examples=["2026-04-01"],
    ),
]
Why = Annotated[Note, Field(description="Why it is made.", examples=["Lower doses for now."])]


class RuleSetCreate(Body):
    """A draft: the latest published version with changes, or a whole document."""

    label: Label
    valid_from: ValidFrom
    reason: Why
    changes: Changes | None = None
    document: Document | None = None
    loosened: Reasons = Field(default_factory=dict)


class RuleSetPatch(Body):
    """What changes in a draft; what is absent stays. Changes are merged into the draft."""

    label: Label | None = None
    valid_from: ValidFrom | None = None
    reason: Why | None = None
    changes: Changes | None = None
    document: Document | None = None
    loosened: Reasons = Field(default_factory=dict)


class RuleSetPublish(Body):
    """The second person's word."""

    approves_loosened: tuple[FigureName, ...] = Field(
        (),
        max_length=5000,
        description="The names of all figures that are looser than before, each approved by the"
        " medical director who publishes; see the version's diff. Empty where none is.",
        examples=[[]],
    )


class RuleSetSummary(Answer):
    """One dated version of the clinic's figures."""

    id: UUID = Field(description="Of this version.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    number: int = Field(description="The clinic's version, from 1.", examples=[1])
    label: str = Field(description="What people call it.", examples=["reference-2026.1"])
    state: RuleSetState = Field(
        description="`draft`, `published` (the latest) or `superseded` (by a later one).",
        examples=["published"],
    )
    valid_from: Day = Field(description="First local day on which it judges.")
    content_hash: str = Field(
        description="SHA-256 of its canonical document, hexadecimal.", examples=["9f" * 32]
    )
    reason: str | None = Field(description="Why it was made.", examples=["Lower doses for now."])
    based_on_id: UUID | None = Field(
        description="The version that it was drafted from; null for the reference."
    )
    recorded_by: UUID | None = Field(description="Who drafted it; null for the reference.")
    published_at: Instant | None = Field(description="When it was published, UTC.")
    published_by: UUID | None = Field(description="Who published it; null for the reference.")
    superseded_at: Instant | None = Field(
        description="From when a later one judges, UTC; may lie ahead.", examples=[None]
    )


class RuleSetRead(RuleSetSummary):
    """A version with its whole document.

    Every figure is a reference default with unit, source and evidence mark, to be confirmed by
    the clinic's medical director.
    """

    document: dict[str, Any] = Field(
        description="Rules asked, parameters, ingredients, mixing pairs, areas, techniques,"
        " wash-outs, diagnoses, side effects, escalations, reporting clocks, and why figures of"
        " it are looser than before.",
        examples=[{"version": "reference-2026.1", "valid_from": "2020-01-01"}],
    )

    @classmethod
    def of(cls, row: RuleSet) -> Self:
        """From its row."""
        return cls(
            **row.model_dump(include=set(RuleSetSummary.model_fields)),
            document=json.loads(row.document),
        )


class RuleSetPublished(RuleSetRead):
    """A version that was just published."""

    recheck_operation_id: UUID = Field(
        description="The operation that judges the sessions to come by it; its result says how"
        " many now have findings, and each is on the review worklist."
    )


class FigureChange(Answer):
    """One difference between two versions."""

    figure: str = Field(description="Its lasting name.", examples=[FIGURE])
    pointer: str = Field(
        description="JSON pointer into this version's document; to the table where it is gone.",
        examples=["/ingredients/1/max_session"],
    )
    title: str = Field(description="What people call it.", examples=["Dutasteride: maximum"])
    before: str | None = Field(description="With its unit.", examples=["1.0 mg"])
    after: str | None = Field(description="With its unit.", examples=["0.5 mg"])
    direction: Literal["tighter", "looser", "reworded"] = Field(
        description="`reworded` changes nothing that is judged.", examples=["tighter"]
    )
    may_loosen: bool = Field(description="Whether the earlier one may be loosened at all.")
    source: str | None = Field(
        description="Where the later figure comes from.", examples=["[ABD-2009]"]
    )
    reason: str | None = Field(description="Why it is looser, where it is.", examples=[None])
    words: str = Field(
        description="The change in one line.",
        examples=["Dutasteride: maximum per session 1.0 mg → 0.5 mg (tighter); source: …"],
    )


class RuleSetDiff(Answer):
    """What a version says differently from another."""

    number: int = Field(description="This version.", examples=[2])
    against: int = Field(description="The other; 0 is the reference of this release.", examples=[1])
    tighter: int = Field(description="How many figures are tighter.", examples=[1])
    looser: int = Field(description="How many figures are looser.", examples=[0])
    reworded: int = Field(description="How many are only reworded.", examples=[0])
    changes: list[FigureChange] = Field(description="In the order of the document.")
