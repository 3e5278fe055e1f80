"""Which side effects the list shows."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, not_, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from api.security import Caller
from api.side_effects.schemas import SideEffectQuery
from api.side_effects.states import UNRESOLVED
from models import Administration, SideEffect, SideEffectState

if TYPE_CHECKING:
    from rules.tables import Effect


def listing(
    caller: Caller, query: SideEffectQuery, terms: Iterable["Effect"]
) -> SelectOfScalar[SideEffect]:
    """The clinic's side effects that the filters let through."""
    asked: list[ColumnElement[bool]] = [col(SideEffect.clinic_id) == caller.clinic_id]
    for name in ("state", "patient_id", "plan_id", "session_id", "code"):
        value = getattr(query, name)
        if value is not None:
            asked.append(col(getattr(SideEffect, name)) == value)
    if query.grade_min is not None:
        asked.append(col(SideEffect.grade) >= query.grade_min)
    if query.overdue is not None:
        overdue = func.coalesce(_overdue(terms, caller.today), False)
        asked.append(overdue if query.overdue else not_(overdue))
    if query.review_overdue is not None:
        waits = and_(
            col(SideEffect.state) == SideEffectState.OPEN,
            col(SideEffect.review_due_at).is_not(None),
            col(SideEffect.review_due_at) < caller.now,
        )
        asked.append(waits if query.review_overdue else not_(waits))
    return select(SideEffect).where(*asked)


def _overdue(terms: Iterable["Effect"], today: date) -> ColumnElement[bool]:
    """Unresolved, not over, and past the catalogue's expected end."""
    ends: dict[str, dict[str, date]] = {"onset": {}, "session": {}}
    for term in terms:
        if term.end_days is not None:
            ends[term.ends_after][term.code] = today - timedelta(days=term.end_days)
    after_onset = col(SideEffect.onset_on) < _last_day(ends["onset"])
    after_session = exists().where(
        col(Administration.clinic_id) == col(SideEffect.clinic_id),
        col(Administration.session_id) == col(SideEffect.session_id),
        col(Administration.entered_in_error_at).is_(None),
        col(Administration.performed_on) < _last_day(ends["session"]),
    )
    return and_(
        col(SideEffect.state).in_(UNRESOLVED),
        col(SideEffect.ended_at).is_(None),
        or_(
            and_(col(SideEffect.code).in_(ends["onset"]), after_onset),
            and_(col(SideEffect.code).in_(ends["session"]), after_session),
        ),
    )


def _last_day(by_code: dict[str, date]) -> ColumnElement[date]:
    """By the effect's code: what began, or was done, before this day should be over."""
    whens = [(col(SideEffect.code) == code, literal(day)) for code, day in by_code.items()]
    return case(*whens, else_=literal(date.min))
