"""What crowds do at once: three mornings that the tests and `benchmarks.races` live through."""

import asyncio

import httpx

from tests.races.crowd import CLIENTS, Crowd
from tests.races.history import Document
from tests.races.standing import until_nothing_is_asked_for

_ILL = {"from": "2026-03-10T00:00:00+01:00", "to": "2026-03-11T00:00:00+01:00", "reason": "Ill."}
_WISHES = {"time_from": "10:00", "time_to": "12:00", "duration_minutes": 30}
BESIDE_COURSES = 20


async def bookings(
    crowd: Crowd, plans: list[Document], writes: int, until: float, clients: int = CLIENTS
) -> None:
    """Everybody books, moves and cancels in the same hours."""
    await asyncio.gather(*(crowd.client(each, plans, writes, until) for each in range(clients)))


async def courses(
    crowd: Crowd, whole: list[Document], others: list[Document], until: float
) -> None:
    """Courses of one plan at once, singles of that plan, and singles that want the same hours."""
    crowd.days = ("2026-03-02", "2026-03-09")
    await asyncio.gather(
        *(crowd.course(plan, **_WISHES) for plan in whole for _ in range(2)),
        *(crowd.client(each, whole[:2], 1, until) for each in range(4)),
        *(crowd.client(each, others, 2, until) for each in range(BESIDE_COURSES)),
    )


async def repair(crowd: Crowd, desk: httpx.AsyncClient, plans: list[Document]) -> list[Document]:
    """The places that a repair proposes for six sessions are wanted by others while it is applied,
    twice; returns its moves."""
    ill = crowd.people[0]
    for number, plan in enumerate(plans[:6]):
        starts_at = f"2026-03-10T{9 + number // 2:02}:{number % 2 * 30:02}:00Z"
        place = {"starts_at": starts_at, "practitioner_id": ill, "room_id": crowd.rooms[0]}
        assert await _single(crowd, plan, place)
    asked = await desk.post("/v1/repairs", json={"unavailable": {"practitioner_id": ill}, **_ILL})
    (operation,) = await until_nothing_is_asked_for(desk)
    assert (asked.status_code, operation["status"]) == (202, "succeeded"), operation
    path = f"/v1/repairs/{operation['args']['repair_id']}"
    proposal = await desk.get(path)
    moves: list[Document] = proposal.json()["moves"]
    wanted = [each["proposed"] for each in moves if each["proposed"]]
    assert len(wanted) == 6
    tag = {"If-Match": proposal.headers["etag"]}
    await asyncio.gather(
        *(_single(crowd, plan, place) for plan, place in zip(plans[6:9], wanted, strict=False)),
        crowd.write("apply", "POST", f"{path}/apply", {}, headers=tag),
        crowd.write("apply", "POST", f"{path}/apply", {}, headers=tag),
        *(_single(crowd, plan, place) for plan, place in zip(plans[9:], wanted[3:], strict=False)),
    )
    return moves


async def _single(crowd: Crowd, plan: Document, place: Document) -> Document:
    slot = {name: place[name] for name in ("starts_at", "practitioner_id", "room_id")}
    body = {"plan_id": plan["id"], "duration_minutes": 30, **slot}
    return await crowd.write("book", "POST", "/v1/sessions", body)
