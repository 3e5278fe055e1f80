"""Double-booking on purpose: one person or one room, by whoever may, with a reason that stays.

Everything else is protected as ever: the other resources, the patient, and every later booking.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.fields import Body, Note
from api.problems import invalid
from api.security import Caller
from api.sessions.occupying import Booking
from models import BookedResource, TreatmentSession

SCOPE = "sessions:overbook"
SHORTEST_COMMENT = 20


Comment = Annotated[
    Note,
    StringConstraints(strip_whitespace=True, min_length=SHORTEST_COMMENT, max_length=1000),
]


class OverbookReason(StrEnum):
    """Why somebody or something is booked twice."""

    URGENT = "urgent"
    SHORT_OVERLAP = "short_overlap"
    ASSISTED = "assisted"
    EXPECTED_NO_SHOW = "expected_no_show"
    OTHER = "other"


class OverbookIn(Body):
    """What is double-booked on purpose, and why."""

    resource: Literal["practitioner", "room"] = Field(
        description="Which one; nobody is treated in two places at once.",
        examples=["practitioner"],
    )
    reason: OverbookReason = Field(description="Coded.", examples=["assisted"])
    comment: Comment = Field(
        description="In words, 20 characters or more.",
        examples=["A colleague watches the first patient during the waiting time."],
    )


def asked(caller: Caller, overbook: OverbookIn | None) -> BookedResource | None:
    """What may be double-booked; Forbidden without the scope, and for a machine."""
    if overbook is None:
        return None
    caller.require(SCOPE)
    caller.person()
    return BookedResource(overbook.resource)


def mark(session: TreatmentSession, overbook: OverbookIn | None) -> None:
    """Say on the session itself what it double-books; nothing where it does not."""
    session.overbooks = None if overbook is None else BookedResource(overbook.resource)
    session.overbook_reason = None if overbook is None else overbook.reason.value
    session.overbook_comment = None if overbook is None else overbook.comment


def without(booking: Booking, taken: Sequence[Any]) -> list[Any]:
    """The conflicts that are left; InvalidRequest where there is nothing to overbook.

    taken: conflicts, each with its `resource`.
    """
    if booking.overbooks is None:
        return list(taken)
    left = [each for each in taken if each.resource is not booking.overbooks]
    if len(left) == len(taken):
        raise invalid(
            "/overbook/resource", "nothing_to_overbook", "Nobody else has it then: leave this out."
        )
    return left
