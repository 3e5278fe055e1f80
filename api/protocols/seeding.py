"""The reference protocols, put into a clinic when it is founded.

The data file is part of the rules' reference; it is read here as data, so that this room needs
nothing of the rules themselves.
"""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.evidence import Evidence
from api.protocols.schemas import Maintenance, Phase, ProtocolVersionCreate
from api.protocols.service import add_version
from api.security import Caller
from models import ProtocolState, TreatmentProtocol

_AFTER_SESSION = re.compile(r"session (\d+)")
_END_OF_PHASE = re.compile(r"end (\w+)")


@cache
def _reference() -> tuple[dict[str, Any], ...]:
    text = files("rules").joinpath("reference/protocols.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines() if line)


async def seed_reference(db: AsyncSession, caller: Caller) -> None:
    """Every reference protocol as an approved version 1, with its source and evidence mark."""
    versions = []
    for entry in _reference():
        protocol = TreatmentProtocol(
            clinic_id=caller.clinic_id, code=entry["code"], name=entry["name"], reference=True
        )
        db.add(protocol)
        await db.flush()
        versions.append(await add_version(db, protocol, 1, _version(entry), recorded_by=None))
        audit.record(db, caller, "protocol.seeded", protocol)
    for version in versions:
        # The database freezes a version with its phases from here on.
        version.state = ProtocolState.APPROVED
    await db.flush()


def _version(entry: dict[str, Any]) -> ProtocolVersionCreate:
    phases = tuple(
        Phase(name=name, sessions=count, target_days=target, min_days=low, max_days=high)
        for name, count, target, low, high in entry["phases"]
    )
    maintenance = None
    if entry["maintenance"]:
        target, low, high = entry["maintenance"]
        maintenance = Maintenance(target_days=target, min_days=low, max_days=high)
    return ProtocolVersionCreate(
        phases=phases,
        maintenance=maintenance,
        reassess_after_sessions=_session_numbers(entry["reassess"], phases),
        reassess=tuple(entry["reassess"]),
        ingredient_exceptions=entry["exceptions"],
        source=entry["source"],
        evidence=Evidence(entry["evidence"]),
        notes=entry["note"] if entry["note"] != entry["evidence"] else None,
    )


def _session_numbers(words: list[str], phases: tuple[Phase, ...]) -> tuple[int, ...]:
    """The session numbers among "session 4", "end B" and "end"; weeks and months stay words."""
    ends: dict[str, int] = {}
    last = 0
    for phase in phases:
        last += phase.sessions
        ends[phase.name] = last
    numbers = set()
    for word in words:
        if word == "end":
            numbers.add(last)
        elif after := _AFTER_SESSION.fullmatch(word):
            numbers.add(int(after[1]))
        elif (end := _END_OF_PHASE.fullmatch(word)) and end[1] in ends:
            numbers.add(ends[end[1]])
    return tuple(sorted(numbers))
