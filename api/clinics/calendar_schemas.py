"""The clinic's calendars on the wire: opening hours, closures, holidays, how it books."""

from typing import Self
from uuid import UUID

from pydantic import Field

from api.availability.weekly_schemas import WeeklyHoursRead
from api.fields import Answer, Body, Day, Instant, Name
from api.paging import PageQuery
from api.sessions.outside_schemas import Outside
from models import BookingSettings, Closure, SessionKind

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class OpeningHoursRead(Answer):
    """When the clinic is open, week by week. Without any hours it is never closed."""

    hours: tuple[WeeklyHoursRead, ...] = Field(description="By weekday and time.")
    time_zone: str = Field(description="Whose clocks these are.", examples=["Europe/Paris"])
    version: int = Field(description="The clinic's; the ETag.", examples=[3])


class OpeningHoursChanged(OpeningHoursRead):
    """The new opening hours, and whom they leave outside."""

    outside: Outside = Field(description="Booked sessions that are outside them.")


class ClosureCreate(Body):
    """Days on which the clinic, or one room, is closed."""

    starts_on: Day = Field(description="First day; today or later.")
    ends_on: Day = Field(description="Last day, included.")
    name: Name = Field(description="Shown to whoever books.", examples=["Summer holidays"])
    room_id: UUID | None = Field(
        None, description="The one room that is closed; null for the clinic.", examples=[None]
    )


class ClosurePatch(Body):
    """JSON merge patch."""

    starts_on: Day | None = Field(None, description="First day.")
    ends_on: Day | None = Field(None, description="Last day, included.")
    name: Name | None = Field(None, description="Shown to whoever books.", examples=["Stocktaking"])


class ClosureQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    ends_from: Day | None = Field(None, description="Not over before this day.")
    starts_to: Day | None = Field(None, description="Begun on this day or before.")
    room_id: UUID | None = Field(None, description="Of this room alone.", examples=[_ID])


class ClosureRead(Answer):
    """Days on which the clinic, or one room, is closed."""

    id: UUID = Field(description="Of this closure.", examples=[_ID])
    starts_on: Day = Field(description="First day.")
    ends_on: Day = Field(description="Last day, included.")
    name: str = Field(description="Shown to whoever books.", examples=["Summer holidays"])
    room_id: UUID | None = Field(description="The room; null for the clinic.", examples=[None])
    is_public_holiday: bool = Field(description="Came with the public holidays.", examples=[False])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, row: Closure) -> Self:
        return cls.model_validate(row)


class ClosureChanged(ClosureRead):
    """A closure, and which sessions it leaves outside."""

    outside: Outside = Field(description="Booked sessions that are outside a closure or holiday.")


class ClosureRemoved(Answer):
    """What the removal of a closure means."""

    outside: Outside = Field(description="Booked sessions that still are outside a closure.")


class HolidayYear(Body):
    """Which public holidays to import."""

    year: int = Field(ge=2000, le=2100, description="Calendar year.", examples=[2026])


class HolidayRead(Answer):
    """A public holiday of the clinic's country and region."""

    holiday_on: Day = Field(description="The day.")
    name: str = Field(description="In the clinic's language where known.", examples=["Noël"])
    closure_id: UUID | None = Field(
        description="The closure that it was imported as; null before, or once it was removed.",
        examples=[None],
    )


class HolidaysRead(Answer):
    """The public holidays of one year."""

    year: int = Field(description="Calendar year.", examples=[2026])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["FR"])
    region: str | None = Field(
        description="ISO 3166-2, where the region has days of its own; else null.", examples=[None]
    )
    holidays: tuple[HolidayRead, ...] = Field(description="By day.")


class HolidaysImported(HolidaysRead):
    """The public holidays of one year, as closures."""

    imported: int = Field(description="How many closures are new.", examples=[11])
    outside: Outside = Field(description="Booked sessions that are on a closed day.")


class UsualSessionIn(Body):
    """How sessions of one kind are booked."""

    duration_minutes: int = Field(ge=5, le=480, description="Usual length.", examples=[45])
    before_minutes: int = Field(
        0, ge=0, le=240, description="Kept free before, for practitioner and room.", examples=[5]
    )
    after_minutes: int = Field(
        0, ge=0, le=240, description="Kept free after, for practitioner and room.", examples=[10]
    )


class BookingSettingsPatch(Body):
    """JSON merge patch; a kind is replaced as a whole."""

    lead_time_minutes: int | None = Field(
        None, ge=0, le=43_200, description="Shortest notice of a booking.", examples=[120]
    )
    grid_minutes: int | None = Field(
        None, ge=5, le=60, description="Offered starts lie on it, from midnight.", examples=[15]
    )
    first: UsualSessionIn | None = Field(None, description="The first of a course.")
    follow_up: UsualSessionIn | None = Field(None, description="The others of a course.")
    maintenance: UsualSessionIn | None = Field(None, description="Beyond a course's end.")


class UsualSessionRead(Answer):
    """How sessions of one kind are booked."""

    duration_minutes: int = Field(description="Usual length.", examples=[45])
    before_minutes: int = Field(description="Kept free before.", examples=[5])
    after_minutes: int = Field(description="Kept free after.", examples=[10])


class BookingSettingsRead(Answer):
    """How the clinic books. A session's kind is read off its course: its first session, those of
    the protocol's maintenance, and all others. Buffers take practitioner and room, not the
    patient; a changed buffer holds for what is booked from then on."""

    lead_time_minutes: int = Field(description="Shortest notice of a booking.", examples=[120])
    grid_minutes: int = Field(description="Offered starts lie on it.", examples=[15])
    first: UsualSessionRead = Field(description="The first of a course.")
    follow_up: UsualSessionRead = Field(description="The others of a course.")
    maintenance: UsualSessionRead = Field(description="Beyond a course's end.")
    version: int = Field(description="The clinic's; the ETag.", examples=[3])

    @classmethod
    def of(cls, row: BookingSettings, version: int) -> Self:
        usual = {
            kind.value: UsualSessionRead(
                duration_minutes=getattr(row, f"{kind}_minutes"),
                before_minutes=getattr(row, f"{kind}_before_minutes"),
                after_minutes=getattr(row, f"{kind}_after_minutes"),
            )
            for kind in SessionKind
        }
        return cls(
            lead_time_minutes=row.lead_minutes,
            grid_minutes=row.grid_minutes,
            version=version,
            **usual,
        )
