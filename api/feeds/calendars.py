"""Addresses of calendars: made, shown once, revoked; and what stands in the calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_
from sqlmodel import and_, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked
from api.feeds.calendar_schemas import CalendarCreate
from api.preconditions import check
from api.problems import Forbidden, NotFound, invalid
from api.security import Caller
from api.tokens import TokenKind, issue, parse
from models import (
    CalendarDeparture,
    CalendarFeed,
    Room,
    SessionState,
    StaffMember,
    TreatmentSession,
)

MANAGE = "clinic:manage"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=180)  # as far as slots are offered
TOMBSTONE = timedelta(days=30)  # a program that looks once a month still learns of it
_LIVE = (
    SessionState.SCHEDULED,
    SessionState.CONFIRMED,
    SessionState.CHECKED_IN,
    SessionState.COMPLETED,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One session in a calendar, with the name of its room."""

    session: TreatmentSession
    room: str | None


async def create(
    db: AsyncSession, caller: Caller, draft: CalendarCreate
) -> tuple[CalendarFeed, str]:
    """A new address and its secret. One's own calendar, or any with clinic:manage."""
    if (draft.practitioner_id is None) == (draft.room_id is None):
        raise invalid("", "one_of", "Give either practitioner_id or room_id.")
    if draft.practitioner_id is not None:
        await found(db, StaffMember, caller.clinic_id, draft.practitioner_id)
    if draft.room_id is not None:
        await found(db, Room, caller.clinic_id, draft.room_id)
    secret, token = issue(TokenKind.CALENDAR, caller.clinic_id)
    feed = CalendarFeed(
        clinic_id=caller.clinic_id,
        **draft.model_dump(),
        token_hash=token.digest,
        created_by=caller.staff_id,
    )
    _require_own(caller, feed)
    db.add(feed)
    audit.record(db, caller, "calendar_feed.created", feed)
    await db.flush()
    return feed, secret


async def revoke(db: AsyncSession, caller: Caller, feed_id: UUID, expected: int) -> None:
    """Its address answers 404 from now on. Again is no mistake."""
    feed = await locked(db, CalendarFeed, caller.clinic_id, feed_id)
    _require_own(caller, feed)
    check(feed, expected)
    if feed.revoked_at is None:
        feed.revoked_at, feed.revoked_by = caller.now, caller.staff_id
        audit.record(db, caller, "calendar_feed.revoked", feed)
        await db.flush()


async def read(db: AsyncSession, caller: Caller, feed_id: UUID) -> CalendarFeed:
    """One feed that the caller may manage."""
    feed = await found(db, CalendarFeed, caller.clinic_id, feed_id)
    _require_own(caller, feed)
    return feed


def listing(caller: Caller) -> Select[Any]:
    """The feeds that the caller may manage, revoked ones too."""
    statement: Select[Any] = select(CalendarFeed).where(CalendarFeed.clinic_id == caller.clinic_id)
    if not caller.may(MANAGE):
        statement = statement.where(col(CalendarFeed.practitioner_id) == caller.actor_id)
    return statement


def _require_own(caller: Caller, feed: CalendarFeed) -> None:
    own = caller.staff_id is not None and feed.practitioner_id == caller.staff_id
    if not own and not caller.may(MANAGE):
        raise Forbidden(MANAGE, "Without clinic:manage, only your own calendar.")


async def by_secret(db: AsyncSession, text: str) -> CalendarFeed:
    """The feed at an address, or NotFound: unknown, revoked, and of somebody who has left."""
    token = parse(text)
    if token is None or token.kind is not TokenKind.CALENDAR:
        raise NotFound
    statement = (
        select(CalendarFeed, StaffMember.disabled_at)
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.clinic_id == CalendarFeed.clinic_id,
                StaffMember.id == CalendarFeed.practitioner_id,
            ),
        )
        .where(CalendarFeed.clinic_id == token.clinic_id, CalendarFeed.token_hash == token.digest)
    )
    row = (await db.exec(statement)).first()
    if row is None:
        raise NotFound
    feed, disabled_at = row
    if feed.revoked_at is not None or disabled_at is not None:
        raise NotFound
    return feed


async def entries(db: AsyncSession, feed: CalendarFeed, now: datetime) -> list[Entry]:
    """Sessions from a month ago to half a year ahead, in time order; also those freed lately.

    A cancelled or missed session stays in sight for 30 days, so that programs take it out. So does
    what was changed lately and lies further ahead: programs may know it by an earlier time.
    """
    session, mine = TreatmentSession, _of(feed, TreatmentSession)
    since = now - TOMBSTONE
    statement = (
        select(session, Room.name)
        .outerjoin(Room, and_(Room.clinic_id == session.clinic_id, Room.id == session.room_id))
        .where(
            session.clinic_id == feed.clinic_id,
            mine,
            session.starts_at > now - BEHIND,
            or_(col(session.starts_at) < now + AHEAD, col(session.updated_at) >= since),
            or_(
                col(session.state).in_(_LIVE),
                col(session.cancelled_at) >= since,
                col(session.no_show_at) >= since,
            ),
        )
        .order_by(col(session.starts_at), col(session.id))
    )
    return [Entry(session, room) for session, room in await db.exec(statement)]


async def departures(
    db: AsyncSession, feed: CalendarFeed, now: datetime
) -> list[CalendarDeparture]:
    """Sessions that left this calendar in the last 30 days for another, and did not come back.

    As they were here when they left last, so that programs take them out; by start.
    """
    left, session = CalendarDeparture, TreatmentSession
    statement = (
        select(left)
        .join(session, and_(session.clinic_id == left.clinic_id, session.id == left.session_id))
        .where(
            left.clinic_id == feed.clinic_id,
            _of(feed, left),
            left.left_at >= now - TOMBSTONE,
            left.starts_at > now - BEHIND,
            left.starts_at < now + AHEAD,
            or_(_of(feed, session).is_(None), ~_of(feed, session)),
        )
        .order_by(col(left.left_at), col(left.id))
    )
    last = {each.session_id: each for each in await db.exec(statement)}
    return sorted(last.values(), key=lambda each: (each.starts_at, each.session_id))


def _of(
    feed: CalendarFeed, kind: type[TreatmentSession] | type[CalendarDeparture]
) -> ColumnElement[bool]:
    """Rows of the practitioner or the room that the feed is about."""
    if feed.room_id is None:
        return col(kind.practitioner_id) == feed.practitioner_id
    return col(kind.room_id) == feed.room_id
