"""Slots for a plan's next session, or freely by duration."""

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import HowToBook, how_to_book
from api.clock import local_day
from api.database import found
from api.decisions.days_ahead import Judged, days_ahead
from api.decisions.windows import ahead
from api.paging import Pager
from api.plans import states
from api.plans.closed_records import refuse_closed
from api.plans.holds import refuse_if_held
from api.problems import FieldError, InvalidRequest
from api.scheduling import resources
from api.scheduling.agenda import Agenda, Period, Who
from api.scheduling.grid import begin_of
from api.scheduling.ranking import ACKNOWLEDGEMENT, NOTHING, OVERRIDE, Candidate, Preferences
from api.scheduling.ranking import reasons as reasons_of
from api.scheduling.search import Asked, Search
from api.scheduling.slot_schemas import RefusedDays, SlotFound, SlotPage, SlotQuery
from api.security import Caller
from models import PlanState, TreatmentPlan

HORIZON = timedelta(days=180)
_USUALLY = timedelta(days=90)
_DAY = timedelta(days=1)
_MOST = {"nothing": NOTHING, "acknowledgement": ACKNOWLEDGEMENT, "override": OVERRIDE}


@dataclass(frozen=True, slots=True)
class _Next:
    """What is known of the plan's next session; nothing without a plan."""

    session_number: int | None = None
    earliest_on: date | None = None
    target_on: date | None = None
    latest_on: date | None = None


async def find(db: AsyncSession, caller: Caller, query: SlotQuery, pager: Pager) -> SlotPage:
    """A page of slots that the rules, calendars, people and rooms allow, best first.

    What is offered with nothing to answer is never refused when it is booked at once: the same
    rules judge it, told the same facts. Raises InvalidRequest for a question that makes no sense,
    IllegalTransition for a plan that is not active.
    """
    how = await how_to_book(db, caller.clinic_id)
    period = _period(caller, query, how)
    plan = await _plan(db, caller, query)
    judge, coming = None, _Next()
    days = period.days(caller.zone)
    if plan is not None:
        judge = await days_ahead(db, caller, plan, caller.today, days[-1])
        told = ahead(judge.window(caller.today), caller.today)
        coming = _Next(told.session_number, told.earliest_on, told.target_on, told.latest_on)
    who = Who(
        people=await resources.people(db, caller, query.practitioner_id),
        rooms=await resources.rooms(db, caller, query.room_id, query.room_feature, plan),
        patient_id=plan.patient_id if plan else None,
    )
    asked = Asked(
        how=how,
        wishes=_wishes(caller, query, plan),
        around=coming.target_on or coming.earliest_on or days[0],
        most=_MOST[query.allow],
        required=query.preferences == "require",
        length=timedelta(minutes=query.duration_minutes) if query.duration_minutes else None,
        judge=judge,
    )
    search = Search(caller, asked, period, Agenda(db, caller, period, who, asked.longest))
    page, cursor = await _page(search, query, pager)
    return SlotPage(
        items=tuple(_shown(caller, each, asked.wishes, coming) for each in page),
        next_cursor=cursor,
        searched_from=period.not_before,
        searched_until=period.until,
        session_number=coming.session_number,
        earliest_on=coming.earliest_on,
        target_on=coming.target_on,
        latest_on=coming.latest_on,
        refused=() if page or judge is None else _refused(search.refused()),
    )


async def _page(
    search: Search, query: SlotQuery, pager: Pager
) -> tuple[list[Candidate], str | None]:
    """As many as were asked for behind the cursor, and the next cursor."""
    page: list[Candidate] = []
    async with aclosing(search.ranked(pager.after())) as ranked:
        async for each in ranked:
            if len(page) == query.limit:
                return page, pager.cursor(list(page[-1].key))
            page.append(each)
    return page, None


async def _plan(db: AsyncSession, caller: Caller, query: SlotQuery) -> TreatmentPlan | None:
    if query.plan_id is None:
        return None
    plan = await found(db, TreatmentPlan, caller.clinic_id, query.plan_id)
    if plan.state is not PlanState.ACTIVE:
        raise states.refusal(plan, "Sessions are booked for active plans.")
    await refuse_closed(db, plan)
    await refuse_if_held(db, plan)
    return plan


def _wishes(caller: Caller, query: SlotQuery, plan: TreatmentPlan | None) -> Preferences:
    """The plan's own practitioner is preferred, where nobody is named."""
    if query.time_from and query.time_to and query.time_from >= query.time_to:
        raise _wrong("/time_to", "reversed", "This ends before it begins.")
    own = frozenset({plan.practitioner_id}) if plan and not query.practitioner_id else frozenset()
    return Preferences(
        zone=_zone(caller, query),
        people=own,
        weekdays=frozenset(query.weekday),
        time_from=query.time_from,
        time_to=query.time_to,
    )


def _zone(caller: Caller, query: SlotQuery) -> ZoneInfo:
    return ZoneInfo(query.time_zone) if query.time_zone else caller.zone


def _period(caller: Caller, query: SlotQuery, how: HowToBook) -> Period:
    """From now on at the earliest, 180 days ahead at the latest."""
    zone = _zone(caller, query)
    minute = caller.now.replace(second=0, microsecond=0)
    since = _instant(query.from_, zone, after=False) or minute
    if since < minute:
        whole_today = query.from_ == local_day(caller.now, zone)
        if not whole_today:
            raise _wrong("/from", "in_the_past", "Slots lie ahead; this has passed.")
        since = minute
    until = _instant(query.to, zone, after=True) or min(since + _USUALLY, minute + HORIZON)
    if until <= since:
        raise _wrong("/to", "reversed", "This is not after the beginning.")
    last_day = local_day(caller.now, zone) + HORIZON
    if until > begin_of(last_day + _DAY, zone):
        raise _wrong("/to", "too_far", f"Slots are looked for up to {HORIZON.days} days ahead.")
    return Period(since, until, max(since, how.not_before(caller.now)))


def _wrong(pointer: str, code: str, message: str) -> InvalidRequest:
    return InvalidRequest([FieldError(pointer, code, message, "query")])


def _instant(moment: Any, zone: ZoneInfo, *, after: bool) -> datetime | None:
    """An instant as it is; of a day its beginning, or its end."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return begin_of(moment + _DAY if after else moment, zone)


def _shown(caller: Caller, each: Candidate, wishes: Preferences, coming: _Next) -> SlotFound:
    start, judged = each.starts_at, each.judged
    day = local_day(start, caller.zone)
    reasons = reasons_of(each, wishes, coming.target_on, day)
    return SlotFound(
        starts_at=start,
        ends_at=each.ends_at,
        local_starts_at=start.astimezone(caller.zone).strftime("%Y-%m-%dT%H:%M"),
        practitioner_id=each.practitioner_id,
        room_id=each.room_id,
        duration_minutes=(each.ends_at - start) // timedelta(minutes=1),
        session_number=judged.number if judged else None,
        phase=judged.phase if judged else None,
        days_from_target=(day - coming.target_on).days if coming.target_on else None,
        needs_acknowledgement=judged.acknowledge if judged else (),
        needs_override=judged.override if judged else (),
        reasons=reasons,
        why=" ".join(reason.text for reason in reasons),
    )


def _refused(days: list[Judged]) -> tuple[RefusedDays, ...]:
    """Rules by how many days they refuse, most first."""
    titles = {each.code: each.title for judged in days for each in judged.findings}
    counted = Counter(
        code for judged in days for code in {*judged.blocked, *judged.override, *judged.acknowledge}
    )
    return tuple(
        RefusedDays(code=code, title=titles[code], days=count)
        for code, count in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    )
