"""The audit log of writes: append-only, one hash chain per clinic, in the write's transaction.

Services call `record` once for each thing they do. At the end of the transaction the records are
sealed: the clinic's head row is locked, each record gets the next number and
`hash = SHA-256(previous hash + canonical JSON of the record)`, and the feed gets its event.
A transaction that wrote clinic rows without a record fails: no effect without a trace.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import UnitOfWork
from api.events import Happening
from api.security import Caller
from models import AuditEvent, AuditHead, Clinic, Event
from models.audit_head import GENESIS_HASH
from models.base import ClinicRecord, Record

# Written by the platform itself, not by anybody's decision.
_UNTRACED = frozenset({"access_token", "refresh_token", "sign_in", "audit_head", "api_key"})
_STAMPS = frozenset({"version", "updated_at", "created_at"})


def record(
    db: AsyncSession,
    caller: Caller,
    action: str,
    row: ClinicRecord,
    *,
    patient_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Note that `caller` did `action` ("session.booked") to `row`; sealed at the commit.

    Only names of changed fields are kept, never values: those live in the rows themselves.
    """
    changed = changed_fields(row) or tuple(db.info.get("changed", {}).get(id(row), ()))
    happening = Happening(
        action=action,
        resource_type=str(row.__tablename__),
        resource_id=row.id,
        resource_version=row.version,
        patient_id=patient_id if patient_id is not None else getattr(row, "patient_id", None),
        changed_fields=changed,
        reason=reason,
    )
    _note(db, caller, happening, row)


def record_clinic(db: AsyncSession, caller: Caller, action: str, clinic: Clinic) -> None:
    """As `record`, for the clinic itself."""
    happening = Happening(
        action=action,
        resource_type="clinic",
        resource_id=clinic.id,
        resource_version=clinic.version,
        patient_id=None,
        changed_fields=changed_fields(clinic),
        reason=None,
    )
    _note(db, caller, happening, clinic)


def _note(db: AsyncSession, caller: Caller, happening: Happening, row: Record) -> None:
    pending = db.info.setdefault("happenings", [])
    if not pending:
        db.info["recorder"] = caller
        db.info.setdefault("before_commit", []).append(_Seal(caller))
    pending.append((happening, row))


def recorder(db: AsyncSession) -> Caller:
    """Who this transaction's records name first; RuntimeError where there is no record yet."""
    caller: Caller | None = db.info.get("recorder")
    if caller is None:
        raise RuntimeError("a transaction changed clinic rows without an audit record")
    return caller


def changed_fields(row: Record) -> tuple[str, ...]:
    """Names of the columns that differ from what the database has, sorted."""
    state = inspect(row)
    return tuple(
        sorted(a.key for a in state.attrs if a.key not in _STAMPS and a.history.has_changes())
    )


@event.listens_for(UnitOfWork, "before_flush")
def _watch(session: PlainSession, _context: UOWTransaction, _instances: object) -> None:
    """Remember what a flush is about to write, and that it must leave a record."""
    changed: dict[int, tuple[str, ...]] = session.info.setdefault("changed", {})
    for row in [*session.new, *session.dirty]:
        if not isinstance(row, ClinicRecord) or row.__tablename__ in _UNTRACED:
            continue
        fields = changed_fields(row)
        if fields:
            changed[id(row)] = tuple(sorted({*changed.get(id(row), ()), *fields}))
            session.info["must_record"] = True


@event.listens_for(UnitOfWork, "before_commit")
def _insist(session: PlainSession) -> None:
    session.flush()  # what is still pending would otherwise be written after this look
    if session.info.get("must_record") and not session.info.get("happenings"):
        raise RuntimeError("a transaction changed clinic rows without an audit record")


@dataclass(frozen=True, slots=True)
class _Seal:
    """Numbers, chains and writes the transaction's records; runs just before the commit."""

    caller: Caller

    async def __call__(self, db: AsyncSession) -> None:
        await db.flush()
        caller, happenings = self.caller, db.info["happenings"]
        head = await db.get(
            AuditHead, caller.clinic_id, with_for_update={"key_share": True}, populate_existing=True
        )
        if head is None:
            head = AuditHead(
                clinic_id=caller.clinic_id, audit_seq=0, audit_hash=GENESIS_HASH, event_seq=0
            )
            db.add(head)
        for happening, row in happenings:
            head.audit_seq += 1
            head.event_seq += 1
            entry = _entry(caller, happening, row.version, head)
            head.audit_hash = entry.hash
            db.add(entry)
            db.add(_feed(caller, happening, row.version, head.event_seq))


def _entry(caller: Caller, happening: Happening, version: int, head: AuditHead) -> AuditEvent:
    entry = AuditEvent(
        clinic_id=caller.clinic_id,
        seq=head.audit_seq,
        occurred_at=caller.now,
        actor_kind=caller.actor_kind,
        actor_id=caller.actor_id,
        request_id=caller.request_id or None,
        client_ip=caller.client_ip,
        action=happening.action,
        resource_type=happening.resource_type,
        resource_id=happening.resource_id,
        resource_version=version,
        patient_id=happening.patient_id,
        changed_fields=happening.changed_fields,
        reason=happening.reason,
        prev_hash=head.audit_hash,
        hash="",
    )
    entry.hash = chain_hash(entry)
    return entry


def _feed(caller: Caller, happening: Happening, version: int, seq: int) -> Event:
    return Event(
        clinic_id=caller.clinic_id,
        seq=seq,
        type=happening.action,
        resource_type=happening.resource_type,
        resource_id=happening.resource_id,
        resource_version=version,
        patient_id=happening.patient_id,
        occurred_at=caller.now,
        request_id=caller.request_id or None,
    )


def chain_hash(entry: AuditEvent) -> str:
    """The hash that chains `entry` to the one before it."""
    content = {
        name: _canonical(getattr(entry, name))
        for name in sorted(AuditEvent.model_fields)
        if name not in {"hash", "prev_hash"}
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(entry.prev_hash.encode() + text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple | list):
        return list(value)
    return value if value is None or isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying one clinic's chain found; `first_bad` is the first record that is wrong."""

    records: int
    first_bad: int | None
    problem: str | None


async def verify(db: AsyncSession, clinic_id: UUID) -> ChainReport:
    """Walk a clinic's chain from its first record to its head.

    Finds any edit, deletion, swap, and truncation below the head row.
    """
    previous, expected = GENESIS_HASH, 1
    statement = (
        select(AuditEvent).where(AuditEvent.clinic_id == clinic_id).order_by(AuditEvent.seq)  # type: ignore[arg-type]
    )
    async for entry in await db.stream_scalars(statement.execution_options(yield_per=1000)):
        if entry.seq != expected:
            return ChainReport(expected - 1, expected, "a record is missing")
        if entry.prev_hash != previous:
            return ChainReport(expected - 1, expected, "the link to the record before is broken")
        if chain_hash(entry) != entry.hash:
            return ChainReport(expected - 1, expected, "the record was changed")
        previous, expected = entry.hash, expected + 1
    head = await db.get(AuditHead, clinic_id)
    last = 0 if head is None else head.audit_seq
    if last != expected - 1 or (head is not None and head.audit_hash != previous):
        return ChainReport(expected - 1, expected, "records are missing at the end")
    return ChainReport(expected - 1, None, None)
