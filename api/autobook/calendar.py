"""What a dry run has proposed so far: nothing is stored, so it must not propose that twice."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any


class Proposals:
    """Slots by whom and what they take. Buffers are the clinic's own: they are not known here."""

    def __init__(self) -> None:
        self._taken: dict[str, list[tuple[datetime, datetime]]] = {}

    def add(self, slot: dict[str, Any], patient_id: str) -> None:
        for resource in _resources(slot, patient_id):
            self._taken.setdefault(resource, []).append(_span(slot))

    def first_free(self, slots: Iterable[dict[str, Any]], patient_id: str) -> dict[str, Any] | None:
        """The first that collides with no earlier proposal."""
        return next((each for each in slots if self._is_free(each, patient_id)), None)

    def _is_free(self, slot: dict[str, Any], patient_id: str) -> bool:
        start, end = _span(slot)
        return not any(
            start < taken_until and taken_from < end
            for resource in _resources(slot, patient_id)
            for taken_from, taken_until in self._taken.get(resource, ())
        )


def _span(slot: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(slot["starts_at"]), datetime.fromisoformat(slot["ends_at"])


def _resources(slot: dict[str, Any], patient_id: str) -> list[str]:
    return [each for each in (slot["practitioner_id"], slot["room_id"], patient_id) if each]
