"""Events on the wire. They say what happened to which thing, and nothing clinical."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from api.feeds import positions
from api.feeds.addresses import address
from api.fields import Answer, Instant
from models import Event

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_CURSOR = "AAAAAAAAAAcBlVYcekB8xJ0vPx9cHSoQ"
TypePattern = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z_]*\.([a-z][a-z_]*|\*)$", max_length=60)
]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Types = Annotated[
    tuple[TypePattern, ...],
    Field(
        max_length=20,
        description="Only these; may be repeated. `session.*` is every type of that noun.",
        examples=[["session.booked", "session.cancelled"]],
    ),
]


class EventQuery(BaseModel):
    """Where to go on in the feed, and with what."""

    model_config = {"extra": "forbid"}

    after: Cursor | None = Field(
        None,
        description="A cursor of this feed: what follows it is answered. Without it, from the"
        " first event on; `latest` is where the feed ends now.",
        examples=[_CURSOR],
    )
    types: Types = ()
    limit: int = Field(50, ge=1, le=200, description="Events per page.", examples=[50])


class StreamQuery(BaseModel):
    """Where to begin to listen, and to what."""

    model_config = {"extra": "forbid"}

    after: Cursor | None = Field(
        None,
        description="A cursor of this feed: what follows it is sent first. Without it, what"
        " happens from now on. `Last-Event-ID` counts more.",
        examples=[_CURSOR],
    )
    types: Types = ()


class EventRead(Answer):
    """Something that was done, in the transaction that did it."""

    cursor: str = Field(description="The position behind this event.", examples=[_CURSOR])
    number: int = Field(
        description="Its place in the clinic's feed, from 1, without gaps.", examples=[7]
    )
    id: UUID = Field(description="Of this event; the same in every delivery.", examples=[_ID])
    type: str = Field(description="What was done.", examples=["session.booked"])
    resource_type: str = Field(description="To what.", examples=["treatment_session"])
    resource_id: UUID = Field(description="To which.", examples=[_ID])
    resource_version: int | None = Field(
        description="Its version afterwards; it may have changed again since.", examples=[1]
    )
    href: str | None = Field(
        description="Where it is read, with the reader's own rights; null where it has no address"
        " of its own.",
        examples=[f"/v1/sessions/{_ID}"],
    )
    patient_id: UUID | None = Field(description="Whose record it concerns.", examples=[_ID])
    occurred_at: Instant = Field(description="When.")
    request_id: str | None = Field(description="By which request.", examples=["0195561c7a40"])

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(
            **event.model_dump(exclude={"clinic_id", "seq"}),
            cursor=positions.cursor(event.seq, event.id),
            number=event.seq,
            href=address(event.resource_type, event.resource_id),
        )


class EventPage(Answer):
    """A stretch of the feed, oldest first."""

    items: list[EventRead] = Field(description="In the order in which they were committed.")
    next_cursor: str | None = Field(
        description="The next page's `after`; null where the feed ends for now.",
        examples=[_CURSOR],
    )
    resume_after: str = Field(
        description="Where to go on next time, also from an empty page: keep this.",
        examples=[_CURSOR],
    )
