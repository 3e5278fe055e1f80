"""Who is due: the server's worklist, those who press most first."""

from dataclasses import dataclass
from typing import Any, Self

from api.autobook.api import Api
from api.autobook.options import Options

_PRESSING = ("urgent", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Due:
    """A plan whose next session nobody has booked. Without names: what is printed may be kept."""

    plan_id: str
    patient_id: str
    record_number: str | None
    status: str
    priority: str
    reason: str
    session_number: int
    waiting_since: str
    fallen_session_id: str | None

    @classmethod
    def of(cls, item: dict[str, Any]) -> Self:
        follow_up = item["follow_up"]
        return cls(
            plan_id=item["plan_id"],
            patient_id=item["patient"]["id"],
            record_number=item["patient"]["record_number"],
            status=item["status"],
            priority=item["priority"],
            reason=item["reason"],
            session_number=item["session_number"],
            waiting_since=item["waiting_since"],
            fallen_session_id=follow_up["session_id"] if follow_up else None,
        )


async def read_due(api: Api, options: Options) -> list[Due]:
    """The whole worklist: most urgent first, then who has waited longest."""
    query: dict[str, Any] = {"limit": 200}
    if options.on is not None:
        query["on"] = options.on.isoformat()
    if options.practitioner_id is not None:
        query["practitioner_id"] = str(options.practitioner_id)
    found = [
        Due.of(item)
        async for page in api.pages("/v1/worklists/due", query)
        for item in page["items"]
    ]
    return sorted(found, key=lambda each: (_place(each.priority), each.waiting_since, each.plan_id))


def _place(priority: str) -> int:
    return _PRESSING.index(priority) if priority in _PRESSING else len(_PRESSING)
