"""How often each rule is overridden, by whom and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.override_summary_schemas import (
    OverriddenBy,
    OverriddenFor,
    OverrideQuery,
    OverrideSummary,
    RuleOverridden,
)
from api.problems import invalid
from api.security import Caller
from models import Decision, Override, OverrideKind, StaffMember
from rules.catalogue import rule_named

_USUAL_DAYS, _MOST_DAYS = 90, 366
_PLACES = Decimal("0.0001")
Key = TypeVar("Key")


async def summarise(db: AsyncSession, caller: Caller, query: OverrideQuery) -> OverrideSummary:
    """Count the overrides of these local days. Four queries, whatever their number.

    Raises InvalidRequest where `from` is after `to`, or more than 366 days are asked for.
    """
    last = query.last_on or caller.today
    first = query.first_on or last - timedelta(days=_USUAL_DAYS - 1)
    if first > last:
        raise invalid("/from", "order", "`from` is not after `to`.")
    if (last - first).days >= _MOST_DAYS:
        raise invalid("/from", "too_long", f"At most {_MOST_DAYS} days are counted at once.")
    since, until = _start(caller, first), _start(caller, last + timedelta(days=1))
    counted = await _overrides(db, caller.clinic_id, since, until)
    touched = await _overridden_decisions(db, caller.clinic_id, since, until)
    by_stage = await _decisions(db, caller.clinic_id, since, until) if counted else {}
    people = {staff for _, staff, _, _ in counted}
    names = await _names(db, caller.clinic_id, people)
    codes = Counter[str]()
    for code, _, _, times in counted:
        codes[code] += times
    rules = [
        _rule(code, [each for each in counted if each[0] == code], names, by_stage, touched)
        for code, _ in sorted(codes.items(), key=lambda each: (-each[1], each[0]))
    ]
    return OverrideSummary(
        first_on=first, last_on=last, overrides=codes.total(), rules=tuple(rules)
    )


def _start(caller: Caller, day: date) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, time(), caller.zone).astimezone(UTC)


Counted = tuple[str, UUID, str, int]
"""Rule, person, reason, how often."""


async def _overrides(
    db: AsyncSession, clinic_id: UUID, since: datetime, until: datetime
) -> list[Counted]:
    statement = (
        select(Override.code, Override.decided_by, Override.reason, func.count())
        .where(
            Override.clinic_id == clinic_id,
            Override.decided_at >= since,
            Override.decided_at < until,
            Override.kind == OverrideKind.OVERRIDE,
        )
        .group_by(col(Override.code), col(Override.decided_by), col(Override.reason))
    )
    rows = (await db.exec(statement)).all()
    return [(code, staff, reason or "", times) for code, staff, reason, times in rows]


async def _overridden_decisions(
    db: AsyncSession, clinic_id: UUID, since: datetime, until: datetime
) -> dict[str, int]:
    """Decisions in which each rule was overridden, at one place or at several."""
    statement = (
        select(Override.code, func.count(func.distinct(Override.decision_id)))
        .where(
            Override.clinic_id == clinic_id,
            Override.decided_at >= since,
            Override.decided_at < until,
            Override.kind == OverrideKind.OVERRIDE,
        )
        .group_by(col(Override.code))
    )
    return dict((await db.exec(statement)).all())


async def _decisions(
    db: AsyncSession, clinic_id: UUID, since: datetime, until: datetime
) -> dict[str, int]:
    statement = (
        select(Decision.stage, func.count())
        .where(
            Decision.clinic_id == clinic_id,
            Decision.decided_at >= since,
            Decision.decided_at < until,
        )
        .group_by(col(Decision.stage))
    )
    return {str(stage): times for stage, times in (await db.exec(statement)).all()}


async def _names(db: AsyncSession, clinic_id: UUID, people: set[UUID]) -> dict[UUID, str]:
    statement = select(StaffMember.id, StaffMember.display_name).where(
        StaffMember.clinic_id == clinic_id, col(StaffMember.id).in_(people)
    )
    return dict((await db.exec(statement)).all())


def _rule(
    code: str,
    counted: list[Counted],
    names: dict[UUID, str],
    by_stage: dict[str, int],
    touched: dict[str, int],
) -> RuleOverridden:
    rule = rule_named(code)
    people, reasons = defaultdict[UUID, int](int), defaultdict[str, int](int)
    for _, staff, reason, times in counted:
        people[staff] += times
        reasons[reason] += times
    asked = sum(by_stage.get(stage.value, 0) for stage in rule.stages) if rule else 0
    return RuleOverridden(
        code=code,
        title=rule.title if rule else code,
        overrides=sum(people.values()),
        decisions=asked,
        share=_share(touched.get(code, 0), asked),
        by=tuple(
            OverriddenBy(staff_id=staff, display_name=names.get(staff, ""), overrides=times)
            for staff, times in _most_first(people.items())
        ),
        reasons=tuple(
            OverriddenFor(reason=reason, overrides=times)
            for reason, times in _most_first(reasons.items())
        ),
    )


def _most_first(counts: Iterable[tuple[Key, int]]) -> list[tuple[Key, int]]:
    return sorted(counts, key=lambda each: (-each[1], str(each[0])))


def _share(part: int, whole: int) -> str | None:
    return str((Decimal(part) / whole).quantize(_PLACES)) if whole else None
