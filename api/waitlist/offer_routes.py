"""`/v1/waitlist/offers`: freed time, offered in a fair order."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response, Security
from sqlmodel import col

from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, always_whole, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.sessions.moves import possible
from api.sessions.schemas import SessionDecided, SessionRead
from api.waitlist import answering
from api.waitlist.schemas import OfferAccept, OfferQuery, OfferRead
from models import WaitlistOffer

router = Router(prefix="/v1/waitlist/offers", tags=["Waitlist"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Scheduler = Annotated[Caller, Security(write_caller, scopes=["sessions:schedule"])]

_NOT_OPEN: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "`illegal-transition`: queued, expired or taken. `schedule-conflict`:"
        " somebody booked the time. `refused-by-rules` with `findings`."
    }
}


@router.get("", name="list_waitlist_offers", summary="List offers of freed time")
async def list_waitlist_offers(
    request: Request,
    response: Response,
    query: Annotated[OfferQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[OfferRead]:
    """Who must answer first comes first. They open and expire by the clock."""
    pager = Pager(request, query, caller.clinic_id)
    order = Order((col(WaitlistOffer.expires_at), col(WaitlistOffer.id)))
    rows, cursor, total = await pager.rows(db, answering.listing(caller, query), order)
    pager.link(response, cursor)
    items = await answering.shown(db, caller, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{offer_id}", name="read_waitlist_offer", summary="Read an offer")
async def read_waitlist_offer(
    offer_id: UUID, request: Request, response: Response, caller: Reader, db: ReadDb
) -> OfferRead:
    """What is free, with the place in the order and why."""
    always_whole(request)
    offer = await found(db, WaitlistOffer, caller.clinic_id, offer_id)
    tag(response, offer)
    return (await answering.shown(db, caller, [offer]))[0]


@router.post(
    "/{offer_id}/accept",
    status_code=201,
    name="accept_waitlist_offer",
    summary="Accept an offer, which books it",
    responses=_NOT_OPEN,
)
async def accept_waitlist_offer(
    offer_id: UUID,
    answers: OfferAccept,
    expected: IfMatch,
    response: Response,
    caller: Scheduler,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SessionDecided:
    """An ordinary booking of the freed time, with all rules and conflicts, or, where the entry
    names a session, a move of that session to it (200). The time was kept from nobody: to keep it
    while you ask, make a reservation and name it. Of two who accept, one books."""
    accepted = await answering.accept(db, caller, offer_id, answers, expected)
    session, decided = accepted.session, accepted.decided
    response.headers["Location"] = f"/v1/sessions/{session.id}"
    if accepted.moved:
        response.status_code = 200
    shown = SessionRead.of(session, possible(session, caller.now))
    return SessionDecided(
        **shown.model_dump(),
        outcome=decided.outcome if decided else None,
        findings=decided.findings if decided else (),
    )


@router.post(
    "/{offer_id}/decline",
    name="decline_waitlist_offer",
    summary="Decline an offer",
    responses=_NOT_OPEN,
)
async def decline_waitlist_offer(
    offer_id: UUID, expected: IfMatch, response: Response, caller: Scheduler, db: WriteDb
) -> OfferRead:
    """The next in order has it at once. The entry keeps waiting."""
    offer = await answering.decline(db, caller, offer_id, expected)
    tag(response, offer)
    return (await answering.shown(db, caller, [offer]))[0]
