"""Many clients on one server: what they ask for, and the history of what they were answered."""

import asyncio
import random
import time
from typing import Any

import httpx

from tests.races.history import WRITTEN, Asked, Document

CLIENTS = 64
PEOPLE = ("practitioner", "second:practitioner", "medical_director", "second:medical_director")
STARTS = [f"{hour:02}:{minute:02}" for hour in (9, 10) for minute in (0, 15, 30, 45)]
DAYS = ("2026-03-03", "2026-03-10", "2026-03-17")


class Crowd:
    """Clients who write at once. Every session is changed by the client who booked it."""

    def __init__(self, client: httpx.AsyncClient, people: list[str], rooms: list[str]) -> None:
        self._client, self.people, self.rooms = client, people, rooms
        self.days: tuple[str, ...] = DAYS
        self.history: list[Asked] = []

    async def write(
        self, kind: str, method: str, path: str, body: Document,
        *, patient_id: str | None = None, **options: Any,
    ) -> Document:  # fmt: skip
        """One request, kept in the history; its answer's document, empty where none came."""
        sent = time.monotonic()
        try:
            answer = await self._client.request(method, path, json=body, **options)
        except httpx.HTTPError:
            self.history.append(Asked(kind, sent, time.monotonic(), 0, {}, wanted=body))
            return {}
        answered, told = time.monotonic(), answer.json()
        done = answer.status_code in WRITTEN
        sessions = _sessions(kind, told, patient_id) if done else ()
        self.history.append(
            Asked(kind, sent, answered, answer.status_code, told, sessions, wanted=body)
        )
        return told if done else {}

    async def client(self, number: int, plans: list[Document], writes: int, until: float) -> None:
        """Book, then move or cancel, and book again; each client on its day and its plan."""
        chance = random.Random(number)  # noqa: S311 - the same requests in every run
        plan = plans[number % len(plans)]
        day = self.days[number // len(plans) % len(self.days)]
        session: Document = {}
        for _ in range(writes):
            if time.monotonic() > until:
                return
            place = self.place(chance, day)
            if not session:
                body = {"plan_id": plan["id"], "duration_minutes": 30, **place}
                session = await self.write("book", "POST", "/v1/sessions", body)
            elif chance.random() < 0.4:
                session = await self._cancel(session)
            else:
                session = await self._move(session, place)

    def place(self, chance: random.Random, day: str) -> Document:
        return {
            "starts_at": f"{day}T{chance.choice(STARTS)}:00Z",
            "practitioner_id": chance.choice(self.people),
            "room_id": chance.choice(self.rooms),
        }

    async def _move(self, session: Document, place: Document) -> Document:
        path, tag = f"/v1/sessions/{session['id']}", {"If-Match": f'"{session["version"]}"'}
        moved = await self.write("move", "PATCH", path, place, headers=tag)
        return moved or await self._read(path)

    async def _cancel(self, session: Document) -> Document:
        path, tag = f"/v1/sessions/{session['id']}", {"If-Match": f'"{session["version"]}"'}
        body = {"reason": "Travelling."}
        done = await self.write("cancel", "POST", f"{path}/cancel", body, headers=tag)
        return {} if done else await self._read(path)

    async def _read(self, path: str) -> Document:
        """Refused, or changed by others: how it stands now."""
        answer = await self._client.get(path)
        answer.raise_for_status()
        read: Document = answer.json()
        return read

    async def course(self, plan: Document, **wishes: Any) -> Document:
        path, patient_id = f"/v1/plans/{plan['id']}/course", plan["patient_id"]
        return await self.write("course", "POST", path, wishes, patient_id=patient_id)

    async def final(self) -> dict[str, Document]:
        """Every session that is listed or that anybody was told of, each read by itself."""
        ids = {each["id"] for asked in self.history for each in asked.sessions}
        query: Document = {"limit": 200}
        while True:
            page = (await self._client.get("/v1/sessions", params=query)).json()
            ids |= {each["id"] for each in page["items"]}
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        answers = await asyncio.gather(*(self._client.get(f"/v1/sessions/{each}") for each in ids))
        return {each.json()["id"]: each.json() for each in answers if each.status_code == 200}


def _sessions(kind: str, told: Document, patient_id: str | None) -> tuple[Document, ...]:
    """The sessions that an answer speaks of, as they stand after it."""
    if kind == "course":
        found = told["sessions"] if told["booked"] else ()
        return tuple(each | {"patient_id": patient_id} for each in found)
    if kind == "apply":
        return tuple(
            each["proposed"]
            | {"id": each["session_id"], "patient_id": each["patient_id"], "state": "scheduled"}
            for each in told["moves"]
            if each["proposed"]
        )
    return (told,)
