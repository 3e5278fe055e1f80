"""Idempotency-Key: the same request sent again has one effect and gets the first answer.

The record is written in the effect's own transaction: a crash leaves either both or neither, so
there is never a key "in progress" that nobody is working on. Only committed answers are kept,
for 24 hours, per clinic and caller.
"""

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession

from api.problems import IdempotencyInProgress, IdempotencyKeyReused, invalid
from models import IdempotencyRecord

KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r'"?([A-Za-z0-9._:\-]{1,255})"?')
_KEPT_HEADERS = ("location", "etag")
_LOCK_NOT_AVAILABLE = "55P03"


class Replay(Exception):
    """Not an error: the answer is already known. Raising it rolls this transaction back."""

    def __init__(self, record: IdempotencyRecord) -> None:
        super().__init__("replay")
        self.status = record.status or 200
        self.headers: dict[str, str] = json.loads(record.headers or "{}")
        self.body = record.body or ""


def _fingerprint(request: Request, body: bytes) -> str:
    parts = [request.method, request.url.path, request.url.query]
    parts.append(request.headers.get("if-match", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + body).hexdigest()


async def replay_or_begin(
    request: Request, db: PlainSession, clinic_id: UUID, caller_id: UUID
) -> None:
    """Claim the request's key for this transaction, or answer with what it was answered before.

    Raises Replay, IdempotencyKeyReused (same key, other request) or IdempotencyInProgress.
    """
    sent = request.headers.get("idempotency-key")
    if request.method != "POST" or sent is None:
        return
    match = _KEY.fullmatch(sent.strip())
    if match is None:
        raise invalid(
            "/headers/Idempotency-Key", "idempotency_key", "Use 1 to 255 letters, digits, . _ : -"
        )
    now: datetime = db.info["now"]
    record = IdempotencyRecord(
        clinic_id=clinic_id,
        caller_id=caller_id,
        key=match.group(1),
        fingerprint=_fingerprint(request, await request.body()),
        created_at=now,
    )
    await db.execute(
        delete(IdempotencyRecord).where(
            IdempotencyRecord.clinic_id == clinic_id,  # type: ignore[arg-type]
            IdempotencyRecord.created_at < now - KEPT_FOR,  # type: ignore[arg-type]
        )
    )
    earlier = await _claim(db, record)
    if earlier is not None:
        if earlier.fingerprint != record.fingerprint:
            raise IdempotencyKeyReused
        raise Replay(earlier)
    request.state.idempotency = (clinic_id, caller_id, record.key)


async def _claim(db: PlainSession, record: IdempotencyRecord) -> IdempotencyRecord | None:
    """Insert the record; the earlier one where the key is taken. Waits 300 ms for a rival."""
    postgres = db.get_bind().dialect.name == "postgresql"
    if postgres:
        await db.execute(text("SET LOCAL lock_timeout = '300ms'"))
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    values = record.model_dump(include=set(IdempotencyRecord.model_fields))
    statement = insert(IdempotencyRecord).values(**values).on_conflict_do_nothing()
    try:
        inserted = await db.execute(statement)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from None
        raise
    if postgres:
        await db.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
    if inserted.rowcount:  # type: ignore[attr-defined]
        return None
    return await db.get(IdempotencyRecord, (record.clinic_id, record.caller_id, record.key))


async def keep(request: Request, response: Response) -> None:
    """Store the answer with the effect; called while the transaction is still open."""
    claimed: tuple[Any, ...] | None = getattr(request.state, "idempotency", None)
    if claimed is None:
        return
    db: PlainSession = request.state.db
    record = await db.get(IdempotencyRecord, claimed)
    if record is None:
        raise RuntimeError("the claimed idempotency record is gone from its own transaction")
    record.status = response.status_code
    record.headers = json.dumps(
        {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    )
    secret: bool = getattr(request.state, "shown_once", False)
    record.body = _without_secret(response) if secret else bytes(response.body).decode()


def _without_secret(response: Response) -> str:
    """A credential is shown once: its replay says so with a null."""
    return json.dumps(json.loads(bytes(response.body)) | {"secret": None})
