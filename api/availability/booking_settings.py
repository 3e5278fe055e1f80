"""How a clinic books, and what kind of session one is in its course.

Buffers depend on the kind: a first session has the talk before it, and a series at its end asks
for less. The kind is read off the course (its first session, those of the protocol's maintenance,
all others), so that nobody has to choose it and no two places can disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Buffers
from models import BookingSettings, SessionKind

MAINTENANCE = "maintenance"  # the phase beyond a protocol's counted sessions


@dataclass(frozen=True, slots=True)
class UsualSession:
    """How long a session of one kind usually lasts, and what stays free around it."""

    length: timedelta
    buffers: Buffers


@dataclass(frozen=True, slots=True)
class HowToBook:
    """lead: the shortest notice. grid: offered starts lie on it, counted from local midnight."""

    lead: timedelta
    grid: timedelta
    usual: Mapping[SessionKind, UsualSession]

    @classmethod
    def of(cls, row: BookingSettings) -> "HowToBook":
        return cls(
            lead=timedelta(minutes=row.lead_minutes),
            grid=timedelta(minutes=row.grid_minutes),
            usual={kind: _usual(row, kind) for kind in SessionKind},
        )

    def not_before(self, now: datetime) -> datetime:
        """The earliest start that can be booked; the running minute counts."""
        return now.replace(second=0, microsecond=0) + self.lead


def _usual(row: BookingSettings, kind: SessionKind) -> UsualSession:
    length, before, after = (
        timedelta(minutes=getattr(row, f"{kind}_{name}"))
        for name in ("minutes", "before_minutes", "after_minutes")
    )
    return UsualSession(length, Buffers(before, after))


def kind_of(session_number: int, phase: str | None) -> SessionKind:
    """The kind of a session by its place in the course, from 1, and its phase."""
    if session_number == 1:
        return SessionKind.FIRST
    return SessionKind.MAINTENANCE if phase == MAINTENANCE else SessionKind.FOLLOW_UP


async def settings_row(db: AsyncSession, clinic_id: UUID) -> BookingSettings:
    """What the clinic wrote, or a row of the defaults that is not stored."""
    statement = select(BookingSettings).where(BookingSettings.clinic_id == clinic_id)
    return (await db.exec(statement)).first() or BookingSettings(clinic_id=clinic_id)


async def how_to_book(db: AsyncSession, clinic_id: UUID) -> HowToBook:
    """The clinic's settings; thirty minutes, no buffers, no notice where it wrote none."""
    return HowToBook.of(await settings_row(db, clinic_id))
