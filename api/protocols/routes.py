"""`/v1/protocols`."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response, Security
from pydantic import Field
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.fields import Code
from api.paging import Order, Page, PageParams, PageQuery, Pager
from api.preconditions import IfMatch, tag
from api.protocols import reading, service
from api.protocols.differences import ProtocolDiff, difference
from api.protocols.schemas import (
    ProtocolCreate,
    ProtocolRead,
    ProtocolVersionCreate,
    ProtocolVersionRead,
    Retirement,
)
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import ProtocolVersion, TreatmentProtocol

router = Router(prefix="/v1/protocols", tags=["Protocols"])
Reader = Annotated[Caller, Security(read_caller, scopes=["formulas:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["formulas:write"])]
Approver = Annotated[Caller, Security(write_caller, scopes=["protocols:approve"])]
Number = Annotated[
    int, Path(ge=1, le=1_000_000, description="Version number, from 1.", examples=[1])
]


class ProtocolsQuery(PageQuery):
    """Which protocols to list."""

    code: Code | None = Field(None, description="Code of a reference protocol.")
    reference: bool | None = Field(None, description="Only those that came with the product.")


@router.post("", status_code=201, name="create_protocol", summary="Create a protocol")
async def create_protocol(
    draft: ProtocolCreate, caller: Writer, db: WriteDb, response: Response
) -> ProtocolRead:
    """A protocol with its first version, a draft; somebody else approves it before it is used."""
    protocol = await service.create(db, caller, draft)
    tag(response, protocol, f"/v1/protocols/{protocol.id}")
    return (await reading.shown(db, [protocol]))[0]


@router.get("", name="list_protocols", summary="List protocols")
async def list_protocols(
    request: Request,
    response: Response,
    query: Annotated[ProtocolsQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[ProtocolRead]:
    """All protocols by name, each with its newest version."""
    statement = select(TreatmentProtocol).where(TreatmentProtocol.clinic_id == caller.clinic_id)
    if query.code is not None:
        statement = statement.where(TreatmentProtocol.code == query.code)
    if query.reference is not None:
        statement = statement.where(TreatmentProtocol.reference == query.reference)
    pager = Pager(request, query, caller.clinic_id)
    order = Order((col(TreatmentProtocol.name), col(TreatmentProtocol.id)))
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    return Page(items=await reading.shown(db, rows), next_cursor=cursor, total=total)


@router.get("/{protocol_id}", name="read_protocol", summary="Read a protocol")
async def read_protocol(
    protocol_id: UUID, caller: Reader, db: ReadDb, response: Response
) -> ProtocolRead:
    """A protocol with its newest version; `approved_version` is the one that new plans take."""
    protocol = await found(db, TreatmentProtocol, caller.clinic_id, protocol_id)
    tag(response, protocol)
    return (await reading.shown(db, [protocol]))[0]


@router.post(
    "/{protocol_id}/versions",
    status_code=201,
    name="draft_protocol_version",
    summary="Draft a new version",
)
async def draft_protocol_version(
    protocol_id: UUID,
    draft: ProtocolVersionCreate,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
) -> ProtocolRead:
    """The next version, as a draft. Plans on earlier versions keep them and say that it exists."""
    protocol = await service.draft_version(db, caller, protocol_id, expected, draft)
    answer = (await reading.shown(db, [protocol]))[0]
    tag(response, protocol, f"/v1/protocols/{protocol.id}/versions/{answer.latest.number}")
    return answer


@router.get(
    "/{protocol_id}/versions", name="list_protocol_versions", summary="List a protocol's versions"
)
async def list_protocol_versions(
    protocol_id: UUID,
    request: Request,
    response: Response,
    page: PageParams,
    caller: Reader,
    db: ReadDb,
) -> Page[ProtocolVersionRead]:
    """Every version there ever was, newest first."""
    await found(db, TreatmentProtocol, caller.clinic_id, protocol_id)
    statement = select(ProtocolVersion).where(
        ProtocolVersion.clinic_id == caller.clinic_id, ProtocolVersion.protocol_id == protocol_id
    )
    pager = Pager(request, page, caller.clinic_id)
    order = Order((col(ProtocolVersion.number),), descending=True)
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    phases = await reading.phases_of(db, caller.clinic_id, [row.id for row in rows])
    items = [ProtocolVersionRead.of(row, phases.get(row.id, [])) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get(
    "/{protocol_id}/versions/{number}", name="read_protocol_version", summary="Read a version"
)
async def read_protocol_version(
    protocol_id: UUID, number: Number, caller: Reader, db: ReadDb, response: Response
) -> ProtocolVersionRead:
    """One version, whatever its state. Its ETag is the protocol's."""
    protocol = await found(db, TreatmentProtocol, caller.clinic_id, protocol_id)
    tag(response, protocol)
    return await reading.version_shown(db, caller.clinic_id, protocol_id, number)


@router.get(
    "/{protocol_id}/versions/{number}/diff",
    name="compare_protocol_versions",
    summary="Compare two versions",
)
async def compare_protocol_versions(
    protocol_id: UUID,
    number: Number,
    against: Annotated[int, Query(ge=1, le=1_000_000, description="The other version's number.")],
    caller: Reader,
    db: ReadDb,
) -> ProtocolDiff:
    """What changed from version `against` to this one, as data and in words."""
    after = await reading.version_shown(db, caller.clinic_id, protocol_id, number)
    before = await reading.version_shown(db, caller.clinic_id, protocol_id, against)
    return difference(before, after)


@router.post(
    "/{protocol_id}/versions/{number}/approve",
    name="approve_protocol_version",
    summary="Approve a version",
    responses={409: {"description": "The version is not a draft."}},
)
async def approve_protocol_version(
    protocol_id: UUID,
    number: Number,
    expected: IfMatch,
    caller: Approver,
    db: WriteDb,
    response: Response,
) -> ProtocolRead:
    """Release a draft for use. Never by its author, never by a machine."""
    protocol = await service.approve(db, caller, protocol_id, number, expected)
    tag(response, protocol)
    return (await reading.shown(db, [protocol]))[0]


@router.post(
    "/{protocol_id}/versions/{number}/retire",
    name="retire_protocol_version",
    summary="Retire a version",
    responses={409: {"description": "The version is not approved."}},
)
async def retire_protocol_version(
    protocol_id: UUID,
    number: Number,
    retirement: Retirement,
    expected: IfMatch,
    caller: Approver,
    db: WriteDb,
    response: Response,
) -> ProtocolRead:
    """No new plan may take it from now on; plans that run on it go on."""
    protocol = await service.retire(db, caller, protocol_id, number, expected, retirement.reason)
    tag(response, protocol)
    return (await reading.shown(db, [protocol]))[0]
