"""Sessions as an iCalendar file (RFC 5545, 7986): that somebody is busy, never with whom."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import icalendar

from api.feeds.calendars import Entry
from models import CalendarDeparture, CalendarFeed, FeedDetail, SessionState

_GONE = {SessionState.CANCELLED, SessionState.NO_SHOW}
_REFRESH = timedelta(minutes=15)


def tag(
    feed: CalendarFeed, entries: Sequence[Entry], departures: Sequence[CalendarDeparture] = ()
) -> str:
    """The ETag of the file: the same entries at the same versions make the same file."""
    digest = hashlib.sha256(f"{feed.id} {feed.version}".encode())
    for entry in entries:
        digest.update(f"\n{entry.session.id} {entry.session.version} {entry.room}".encode())
    for left in departures:
        digest.update(f"\n{left.id}".encode())
    return f'"{digest.hexdigest()[:32]}"'


def write(
    feed: CalendarFeed, entries: Sequence[Entry], departures: Sequence[CalendarDeparture] = ()
) -> bytes:
    """The file, in UTC and with folded lines; the same bytes for the same entries.

    departures: sessions that went to another calendar, which are cancelled in this one.
    """
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
    for left in departures:
        calendar.add_component(_cancelled(left))
    return bytes(calendar.to_ical())


def _cancelled(left: CalendarDeparture) -> icalendar.Event:
    """When it was here, and nothing of where it is now."""
    event = icalendar.Event()
    event.add("UID", f"{left.session_id}@{left.clinic_id}")
    event.add("SEQUENCE", left.sequence)
    event.add("DTSTAMP", left.left_at)
    event.add("LAST-MODIFIED", left.left_at)
    event.add("DTSTART", left.starts_at)
    event.add("DTEND", left.ends_at)
    event.add("STATUS", "CANCELLED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("CLASS", "PRIVATE")
    event.add("SUMMARY", "Appointment")
    return event


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
