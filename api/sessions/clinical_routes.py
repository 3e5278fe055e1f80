"""`/v1/sessions/{id}/…`: what is clinical about a session."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response, Security

from api.database import ReadDb, WriteDb, found
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.sessions import (
    administering,
    aftercare,
    also_given,
    check_in,
    corrections,
    moves,
    records,
)
from api.sessions.administration_schemas import (
    AddendumCreate,
    AddendumRead,
    AdministrationCreate,
    AdministrationRead,
    AdministrationRecorded,
    SessionError,
)
from api.sessions.aftercare import AftercareRead
from api.sessions.also_given_schemas import AlsoGivenError, AlsoGivenRead
from api.sessions.schemas import SessionRead
from api.sessions.screening_schemas import CheckInCreate, ScreeningRead, SessionCheckedIn
from models import TreatmentSession

router = Router(prefix="/v1/sessions/{session_id}", tags=["Sessions"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
ClinicalReader = Annotated[Caller, Security(read_caller, scopes=["sessions:read", "clinical:read"])]
Administrator = Annotated[Caller, Security(write_caller, scopes=["sessions:administer"])]

_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"description": "`refused-by-rules` with `findings`; `illegal-transition` with `holds`."}
}


@router.post("/check-in", name="check_in", summary="Check a patient in", responses=_REFUSED)
async def check_patient_in(
    session_id: UUID,
    draft: CheckInCreate,
    expected: IfMatch,
    response: Response,
    caller: Administrator,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SessionCheckedIn:
    """The screening before the session. What was not asked is left out and never counts as fine.
    Refused while the plan is on hold."""
    session, screening, decided = await check_in.check_in(db, caller, session_id, draft, expected)
    tag(response, session)
    shown = SessionRead.of(session, moves.possible(session, caller.now))
    return SessionCheckedIn(
        **shown.model_dump(),
        outcome=decided.outcome,
        findings=decided.findings,
        screening=await records.read_screening(db, session, screening),
    )


@router.get("/screening", name="read_screening", summary="Read the screening")
async def read_screening(
    session_id: UUID, response: Response, caller: ClinicalReader, db: ReadDb
) -> ScreeningRead:
    """What was asked and found at check-in."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    screening = await records.screening_of(db, caller, session_id)
    tag(response, screening)
    return await records.read_screening(db, session, screening)


@router.post(
    "/also-given/{also_given_id}/entered-in-error",
    name="mark_also_given_in_error",
    summary="Mark an entry of the check-in as wrong",
)
async def mark_also_given_in_error(
    session_id: UUID,
    also_given_id: UUID,
    mistake: AlsoGivenError,
    expected: IfMatch,
    response: Response,
    caller: Administrator,
    db: WriteDb,
) -> AlsoGivenRead:
    """What was noted at check-in as put on or taken counts no more; the right entry comes with the
    administration. `If-Match` is the session's. Once the session is completed, mark its record."""
    session, row = await also_given.take_back(
        db, caller, session_id, also_given_id, mistake, expected
    )
    tag(response, session)
    return AlsoGivenRead.of(row)


@router.post(
    "/administration",
    status_code=201,
    name="record_administration",
    summary="Record what was injected",
    responses=_REFUSED,
)
async def record_administration(
    session_id: UUID,
    draft: AdministrationCreate,
    expected: IfMatch,
    response: Response,
    caller: Administrator,
    db: WriteDb,
    dry_run: DryRun = False,
) -> AdministrationRecorded:
    """Areas, volumes and lots of the injection; the doses are computed from them and the formula.
    Completes the session, whose ETag the record shares. Entered on a later day, or without a
    check-in, it needs `retrospective_reason`; what would be refused then needs an override."""
    session, record, decided = await administering.administer(
        db, caller, session_id, draft, expected
    )
    tag(response, session, f"/v1/sessions/{session_id}/administration")
    shown = await records.read_administration(db, session, record)
    return AdministrationRecorded(
        **shown.model_dump(), outcome=decided.outcome, findings=decided.findings
    )


@router.get("/administration", name="read_administration", summary="Read what was injected")
async def read_administration(
    session_id: UUID, response: Response, caller: ClinicalReader, db: ReadDb
) -> AdministrationRead:
    """The record with its doses and addenda; a wrong one, where no right one followed it."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    record = await records.administration_of(db, session)
    tag(response, session)
    return await records.read_administration(db, session, record)


@router.get("/aftercare", name="read_aftercare", summary="Read what to tell the patient")
async def read_aftercare(session_id: UUID, caller: Reader, db: ReadDb) -> AftercareRead:
    """Advice by time, red flags, and the usual course of common effects, shedding included."""
    return await aftercare.advise(db, caller, session_id)


@router.post("/addenda", status_code=201, name="add_addendum", summary="Add to the record")
async def add_addendum(
    session_id: UUID,
    draft: AddendumCreate,
    response: Response,
    caller: Administrator,
    db: WriteDb,
) -> AddendumRead:
    """A later note to a completed session. It changes nothing of the record."""
    session, addendum = await corrections.add(db, caller, session_id, draft)
    tag(response, session, f"/v1/sessions/{session_id}/administration")
    return AddendumRead.model_validate(addendum)


@router.post("/entered-in-error", name="mark_session_in_error", summary="Mark the record as wrong")
async def mark_session_in_error(
    session_id: UUID,
    mistake: SessionError,
    expected: IfMatch,
    response: Response,
    caller: Administrator,
    db: WriteDb,
) -> SessionRead:
    """The record stays readable; its doses count no more and its lots get their volume back."""
    session = await corrections.enter_in_error(db, caller, session_id, mistake, expected)
    tag(response, session)
    return SessionRead.of(session, moves.possible(session, caller.now))
