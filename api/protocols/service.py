"""Writing protocols: drafts, approval by a second person, retirement."""

import json
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked, touch
from api.preconditions import check
from api.problems import FieldError, Forbidden, IllegalTransition, InvalidRequest
from api.protocols.reading import version_numbered
from api.protocols.schemas import ProtocolCreate, ProtocolVersionCreate
from api.security import Caller
from models import Ingredient, ProtocolPhase, ProtocolState, ProtocolVersion, TreatmentProtocol

POSSIBLE: dict[ProtocolState, list[str]] = {
    ProtocolState.DRAFT: ["approve"],
    ProtocolState.APPROVED: ["retire"],
    ProtocolState.RETIRED: [],
}


async def create(db: AsyncSession, caller: Caller, draft: ProtocolCreate) -> TreatmentProtocol:
    """A new protocol whose first version is a draft."""
    await _check_ingredients(db, caller, draft)
    protocol = TreatmentProtocol(
        clinic_id=caller.clinic_id,
        name=draft.name,
        description=draft.description,
        recorded_by=caller.actor_id,
    )
    db.add(protocol)
    await db.flush()
    await add_version(db, protocol, 1, draft, recorded_by=caller.actor_id)
    audit.record(db, caller, "protocol.created", protocol)
    return protocol


async def draft_version(
    db: AsyncSession,
    caller: Caller,
    protocol_id: UUID,
    expected: int,
    draft: ProtocolVersionCreate,
) -> TreatmentProtocol:
    """The next version, as a draft; plans on earlier versions keep them."""
    protocol = await locked(db, TreatmentProtocol, caller.clinic_id, protocol_id)
    check(protocol, expected)
    await _check_ingredients(db, caller, draft)
    newest = await _newest(db, protocol)
    version = await add_version(
        db, protocol, newest.number + 1, draft, recorded_by=caller.actor_id, supersedes=newest
    )
    touch(protocol, db)
    audit.record(db, caller, "protocol_version.drafted", version)
    await db.flush()
    return protocol


async def add_version(
    db: AsyncSession,
    protocol: TreatmentProtocol,
    number: int,
    draft: ProtocolVersionCreate,
    *,
    recorded_by: UUID | None,
    supersedes: ProtocolVersion | None = None,
) -> ProtocolVersion:
    """Store a draft version with its phases; the protocol's row is flushed already."""
    maintenance = draft.maintenance
    version = ProtocolVersion(
        clinic_id=protocol.clinic_id,
        protocol_id=protocol.id,
        number=number,
        total_sessions=sum(phase.sessions for phase in draft.phases),
        maintenance_target_days=maintenance.target_days if maintenance else None,
        maintenance_min_days=maintenance.min_days if maintenance else None,
        maintenance_max_days=maintenance.max_days if maintenance else None,
        reassess=draft.reassess,
        reassess_after_sessions=tuple(str(n) for n in draft.reassess_after_sessions),
        ingredient_exceptions=json.dumps(
            draft.ingredient_exceptions, sort_keys=True, separators=(",", ":")
        ),
        source=draft.source,
        evidence=draft.evidence.value if draft.evidence else None,
        notes=draft.notes,
        recorded_by=recorded_by,
        supersedes_id=supersedes.id if supersedes else None,
    )
    db.add(version)
    await db.flush()
    db.add_all(
        ProtocolPhase(
            clinic_id=protocol.clinic_id,
            protocol_version_id=version.id,
            position=position,
            **phase.model_dump(),
        )
        for position, phase in enumerate(draft.phases)
    )
    await db.flush()
    return version


async def approve(
    db: AsyncSession, caller: Caller, protocol_id: UUID, number: int, expected: int
) -> TreatmentProtocol:
    """Release a draft for use; Forbidden to its author, and to machines."""
    person = caller.person()
    protocol, version = await _locked_version(db, caller, protocol_id, number, expected)
    if version.state is not ProtocolState.DRAFT:
        raise IllegalTransition(version.state, POSSIBLE[version.state])
    if version.recorded_by == person:
        raise Forbidden(
            "another person", "The author of a version cannot approve it; ask a second person."
        )
    version.state = ProtocolState.APPROVED
    version.approved_by, version.approved_at = person, caller.now
    touch(protocol, db)
    audit.record(db, caller, "protocol_version.approved", version)
    await db.flush()
    return protocol


async def retire(
    db: AsyncSession, caller: Caller, protocol_id: UUID, number: int, expected: int, reason: str
) -> TreatmentProtocol:
    """Take an approved version out of use for new plans; plans that run on it keep it."""
    person = caller.person()
    protocol, version = await _locked_version(db, caller, protocol_id, number, expected)
    if version.state is not ProtocolState.APPROVED:
        raise IllegalTransition(version.state, POSSIBLE[version.state])
    version.state = ProtocolState.RETIRED
    version.retired_by, version.retired_at = person, caller.now
    version.retired_reason = reason
    touch(protocol, db)
    audit.record(db, caller, "protocol_version.retired", version, reason=reason)
    await db.flush()
    return protocol


async def _locked_version(
    db: AsyncSession, caller: Caller, protocol_id: UUID, number: int, expected: int
) -> tuple[TreatmentProtocol, ProtocolVersion]:
    """The protocol's lock covers its versions, whose ETag it carries."""
    protocol = await locked(db, TreatmentProtocol, caller.clinic_id, protocol_id)
    version = await version_numbered(db, caller.clinic_id, protocol_id, number)
    check(protocol, expected)
    return protocol, version


async def _newest(db: AsyncSession, protocol: TreatmentProtocol) -> ProtocolVersion:
    highest = select(func.max(col(ProtocolVersion.number))).where(
        ProtocolVersion.clinic_id == protocol.clinic_id,
        ProtocolVersion.protocol_id == protocol.id,
    )
    number = (await db.exec(highest)).one()
    return await version_numbered(db, protocol.clinic_id, protocol.id, number)


async def _check_ingredients(
    db: AsyncSession, caller: Caller, draft: ProtocolVersionCreate
) -> None:
    """An exception for an ingredient that does not exist would silently except nothing."""
    named = list(draft.ingredient_exceptions)
    if not named:
        return
    statement = select(Ingredient.code).where(
        Ingredient.clinic_id == caller.clinic_id, col(Ingredient.code).in_(named)
    )
    known = set((await db.exec(statement)).all())
    unknown = [
        FieldError(
            f"/ingredient_exceptions/{code}", "unknown_ingredient", "There is no such ingredient."
        )
        for code in named
        if code not in known
    ]
    if unknown:
        raise InvalidRequest(unknown)
