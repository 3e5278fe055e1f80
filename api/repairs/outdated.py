"""A proposal that does not hold any more."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.problems import Problem
from api.repairs.schemas import RepairMove


class RepairOutdated(Problem):
    """Something that the proposal relies on is not as it was."""

    name, status, title = "repair-outdated", 409, "The calendar has changed since the proposal"
    what_to_do = (
        "`changed` says what: sessions that were moved, cancelled or booked meanwhile, or places"
        " that are taken or refused by now. Nothing was moved. Ask for a new proposal."
    )

    def __init__(self, changed: Sequence[dict[str, Any]]) -> None:
        super().__init__(changed=list(changed))


def session_changed(session_id: UUID, text: str) -> dict[str, Any]:
    """An affected session that is not as it was looked at."""
    return {"session_id": str(session_id), "code": "session_changed", "message": text}


def refused(move: RepairMove, problem: Problem) -> dict[str, Any]:
    """A move that is refused by now, with what refuses it."""
    told: dict[str, Any] = {
        name: problem.extra[name]
        for name in ("conflicts", "refused_by", "findings", "state")
        if name in problem.extra
    }
    return {
        "session_id": str(move.session_id),
        "code": problem.name,
        "message": problem.detail or problem.title,
        **told,
    }
