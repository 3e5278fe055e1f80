"""Sessions as an iCalendar file (RFC 5545, 7986): that somebody is busy, never with whom."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import icalendar

from api.feeds.calendars import Entry
from models import CalendarFeed, FeedDetail, SessionState

_GONE = {SessionState.CANCELLED, SessionState.NO_SHOW}
_REFRESH = timedelta(minutes=15)


def tag(feed: CalendarFeed, entries: Sequence[Entry]) -> str:
    """The ETag of the file: the same entries at the same versions make the same file."""
    digest = hashlib.sha256(f"{feed.id} {feed.version}".encode())
    for entry in entries:
        digest.update(f"\n{entry.session.id} {entry.session.version} {entry.room}".encode())
    return f'"{digest.hexdigest()[:32]}"'


def write(feed: CalendarFeed, entries: Sequence[Entry]) -> bytes:
    """The file, in UTC and with folded lines; the same bytes for the same entries."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//Anagen//Clinic calendar//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", feed.name)
    calendar.add("X-WR-CALNAME", feed.name)
    calendar.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(feed, entry))
    return bytes(calendar.to_ical())


def _event(feed: CalendarFeed, entry: Entry) -> icalendar.Event:
    session = entry.session
    gone = session.state in _GONE
    event = icalendar.Event()
    event.add("UID", f"{session.id}@{session.clinic_id}")
    event.add("SEQUENCE", session.version)
    event.add("DTSTAMP", session.updated_at)  # of this version, so that the file stays the same
    event.add("LAST-MODIFIED", session.updated_at)
    event.add("DTSTART", session.starts_at)
    event.add("DTEND", session.ends_at)
    event.add("STATUS", "CANCELLED" if gone else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if gone else "OPAQUE")
    event.add("CLASS", "PRIVATE")
    if feed.detail is FeedDetail.BUSY:
        event.add("SUMMARY", "Appointment")
        return event
    words = session.state.replace("_", " ")
    if session.overbooks is not None:
        words += ", double-booked on purpose"
    event.add("SUMMARY", f"Session {session.session_number} ({words})")
    if entry.room is not None:
        event.add("LOCATION", entry.room)
    return event
