"""The addresses of one kind of entry: five operations that are the same for every kind."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.paging import Page, Pager
from api.patients import records
from api.patients.record_kind import RecordEnteredInError, RecordKind
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller

ClinicalReader = Annotated[Caller, Security(read_caller, scopes=["clinical:read"])]
ClinicalWriter = Annotated[Caller, Security(write_caller, scopes=["clinical:write"])]


def routes_of(kind: RecordKind[Any]) -> Router:
    """The router of `kind`; the annotations inside are its own schemas."""
    router = Router(prefix=f"/v1/patients/{{patient_id}}/{kind.path}", tags=[kind.tag])
    _reading(router, kind)
    _writing(router, kind)
    _retracting(router, kind)
    if kind.change is not None:
        _changing(router, kind, kind.change)
    return router


def _reading(router: Router, kind: RecordKind[Any]) -> None:
    @router.get(
        "",
        name=f"list_{kind.path.replace('-', '_')}",
        summary=f"List a patient's {kind.tag.lower()}",
        response_model=Page[kind.answer],  # type: ignore[name-defined]
    )
    async def list_records(
        patient_id: UUID,
        page: Annotated[kind.query, Query()],  # type: ignore[name-defined]
        caller: ClinicalReader,
        db: ReadDb,
        request: Request,
        response: Response,
    ) -> Any:
        """Newest first. Entries marked as entered in error are included and say so."""
        pager = Pager(request, page, caller.clinic_id)
        rows, cursor, total = await records.page(db, caller, kind, patient_id, page, pager)
        pager.link(response, cursor)
        items = await kind.shown(db, caller, rows)
        return Page[kind.answer](items=items, next_cursor=cursor, total=total)  # type: ignore[name-defined]

    @router.get(
        "/{record_id}",
        name=f"read_{kind.noun}",
        summary=f"Read one entry: {_words(kind)}",
        response_model=kind.answer,
    )
    async def read_record(
        patient_id: UUID, record_id: UUID, caller: ClinicalReader, db: ReadDb, response: Response
    ) -> Any:
        """One entry of this patient's record, also where it was entered in error."""
        row = await records.read(db, caller, kind, patient_id, record_id)
        tag(response, row)
        return (await kind.shown(db, caller, [row]))[0]


def _writing(router: Router, kind: RecordKind[Any]) -> None:
    @router.post(
        "",
        status_code=201,
        name=f"record_{kind.noun}",
        summary=f"Record: {_words(kind)}",
        description=kind.draft.__doc__,
        response_model=kind.answer,
    )
    async def write_record(
        patient_id: UUID,
        draft: kind.draft,  # type: ignore[name-defined]
        caller: ClinicalWriter,
        db: WriteDb,
        response: Response,
    ) -> Any:
        row = await records.write(db, caller, kind, patient_id, draft)
        tag(response, row, f"/v1/patients/{patient_id}/{kind.path}/{row.id}")
        return (await kind.shown(db, caller, [row]))[0]


def _retracting(router: Router, kind: RecordKind[Any]) -> None:
    @router.post(
        "/{record_id}/entered-in-error",
        name=f"mark_{kind.noun}_entered_in_error",
        summary=f"Mark as entered in error: {_words(kind)}",
        response_model=kind.answer,
        responses={409: {"description": "It is marked already."}},
    )
    async def mark_wrong(
        patient_id: UUID,
        record_id: UUID,
        body: RecordEnteredInError,
        expected: IfMatch,
        caller: ClinicalWriter,
        db: WriteDb,
        response: Response,
    ) -> Any:
        """The entry stays readable, with who, when and why, and no longer counts anywhere."""
        row = await records.lock(db, caller, kind, patient_id, record_id, expected)
        await records.mark_wrong(db, caller, kind, row, body.reason)
        tag(response, row)
        return (await kind.shown(db, caller, [row]))[0]


def _changing(router: Router, kind: RecordKind[Any], change: Callable[..., Any]) -> None:
    @router.patch(
        "/{record_id}",
        name=f"change_{kind.noun}",
        summary=f"Complete: {_words(kind)}",
        description=change.__doc__,
        response_model=kind.answer,
        responses={409: {"description": "It was entered in error and cannot be changed."}},
    )
    async def change_record(
        patient_id: UUID,
        record_id: UUID,
        patch: change,  # type: ignore[valid-type]
        expected: IfMatch,
        caller: ClinicalWriter,
        db: WriteDb,
        response: Response,
    ) -> Any:
        row = await records.lock(db, caller, kind, patient_id, record_id, expected)
        await records.complete(db, caller, kind, row, patch)
        tag(response, row)
        return (await kind.shown(db, caller, [row]))[0]


def _words(kind: RecordKind[Any]) -> str:
    return kind.noun.replace("_", " ")
