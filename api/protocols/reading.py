"""Protocols as they are shown: a whole page in three queries."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import NotFound
from api.protocols.schemas import ProtocolRead, ProtocolVersionRead
from models import ProtocolPhase, ProtocolState, ProtocolVersion, TreatmentProtocol


async def shown(db: AsyncSession, protocols: Sequence[TreatmentProtocol]) -> list[ProtocolRead]:
    """Protocols of one clinic with their newest versions, in the order given."""
    if not protocols:
        return []
    clinic_id = protocols[0].clinic_id
    numbers = await _numbers(db, clinic_id, [protocol.id for protocol in protocols])
    wanted = [(protocol_id, newest) for protocol_id, (newest, _) in numbers.items()]
    versions = await db.exec(
        select(ProtocolVersion).where(
            ProtocolVersion.clinic_id == clinic_id,
            tuple_(col(ProtocolVersion.protocol_id), col(ProtocolVersion.number)).in_(wanted),
        )
    )
    newest = {version.protocol_id: version for version in versions}
    phases = await phases_of(db, clinic_id, [version.id for version in newest.values()])
    return [
        ProtocolRead(
            **protocol.model_dump(include=set(ProtocolRead.model_fields)),
            latest=ProtocolVersionRead.of(
                newest[protocol.id], phases.get(newest[protocol.id].id, [])
            ),
            approved_version=numbers[protocol.id][1],
        )
        for protocol in protocols
    ]


async def _numbers(
    db: AsyncSession, clinic_id: UUID, protocol_ids: Sequence[UUID]
) -> dict[UUID, tuple[int, int | None]]:
    """By protocol: its highest version number, and its highest approved one."""
    number, approved = col(ProtocolVersion.number), ProtocolState.APPROVED
    rows = await db.exec(
        select(
            ProtocolVersion.protocol_id,
            func.max(number),
            func.max(case((col(ProtocolVersion.state) == approved, number))),
        )
        .where(
            ProtocolVersion.clinic_id == clinic_id,
            col(ProtocolVersion.protocol_id).in_(protocol_ids),
        )
        .group_by(col(ProtocolVersion.protocol_id))
    )
    return {protocol_id: (newest, newest_approved) for protocol_id, newest, newest_approved in rows}


async def phases_of(
    db: AsyncSession, clinic_id: UUID, version_ids: Sequence[UUID]
) -> dict[UUID, list[ProtocolPhase]]:
    """The phases of several versions, each in order."""
    rows = await db.exec(
        select(ProtocolPhase)
        .where(
            ProtocolPhase.clinic_id == clinic_id,
            col(ProtocolPhase.protocol_version_id).in_(version_ids),
        )
        .order_by(col(ProtocolPhase.position))
    )
    phases: dict[UUID, list[ProtocolPhase]] = {}
    for phase in rows:
        phases.setdefault(phase.protocol_version_id, []).append(phase)
    return phases


async def version_numbered(
    db: AsyncSession, clinic_id: UUID, protocol_id: UUID, number: int
) -> ProtocolVersion:
    """That version of that protocol, or NotFound."""
    statement = select(ProtocolVersion).where(
        ProtocolVersion.clinic_id == clinic_id,
        ProtocolVersion.protocol_id == protocol_id,
        ProtocolVersion.number == number,
    )
    version = (await db.exec(statement)).first()
    if version is None:
        raise NotFound
    return version


async def version_shown(
    db: AsyncSession, clinic_id: UUID, protocol_id: UUID, number: int
) -> ProtocolVersionRead:
    """One version with its phases, or NotFound."""
    version = await version_numbered(db, clinic_id, protocol_id, number)
    phases = await phases_of(db, clinic_id, [version.id])
    return ProtocolVersionRead.of(version, phases.get(version.id, []))
