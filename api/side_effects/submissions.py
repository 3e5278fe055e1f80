"""Reporting a case: to whom, when, and which clock that settles."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, touch
from api.preconditions import check
from api.problems import FieldError, Forbidden, IllegalTransition, InvalidRequest, NotFound
from api.releasing import highest_grade
from api.scopes import Role
from api.security import Caller
from api.side_effects import clocks
from api.side_effects.follow_ups import locked_effect
from api.side_effects.service import judged
from api.side_effects.states import require_judge, require_move
from api.side_effects.submission_schemas import (
    ClockRead,
    SubmissionCreate,
    SubmissionRead,
    Submitted,
)
from models import ReportClock, ReportDecision, ReportSubmission, SideEffect

_BECAUSE = {
    ReportDecision.SUBMITTED: "Reported.",
    ReportDecision.NOT_REQUIRED: "No report is required.",
}


async def submit(
    db: AsyncSession, caller: Caller, effect_id: UUID, draft: SubmissionCreate
) -> Submitted:
    """Keep a submission, settle the clocks that it answers, and let the rules judge the day.

    Raises InvalidRequest for one that contradicts itself or comes late without a reason, and
    Forbidden where "not required" is not the caller's to decide.
    """
    effect = await locked_effect(db, caller, effect_id)
    require_move(effect, "submissions")
    all_clocks = await clocks.clocks_of(db, effect)
    answered = _answered(all_clocks, draft)
    due_on = min((each.due_on for each in answered), default=None)
    on = draft.submitted_on or caller.today
    _check(caller, effect, draft, on, due_on)
    if draft.decision is ReportDecision.NOT_REQUIRED:
        await _check_judge(db, caller, effect)
    row = ReportSubmission(
        clinic_id=caller.clinic_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        patient_id=effect.patient_id,
        side_effect_id=effect.id,
        due_on=due_on,
        **draft.model_dump(exclude={"submitted_on", "clock"}),
        submitted_on=on,
    )
    db.add(row)
    clocks.settle(caller, answered, _BECAUSE[draft.decision], row)
    clocks.summarise(effect, all_clocks, settled_on=on)
    touch(effect, db)
    await db.flush()
    findings = await judged(db, caller, effect)
    row.decision_id = effect.decision_id
    action = "submitted" if draft.decision is ReportDecision.SUBMITTED else "waived"
    audit.record(db, caller, f"case_report.{action}", row, reason=draft.late_because)
    await db.flush()
    return Submitted(
        submission=SubmissionRead.of(row),
        settled=[ClockRead.of(each, caller.today) for each in answered],
        findings=findings,
    )


async def retract_submission(
    db: AsyncSession,
    caller: Caller,
    effect_id: UUID,
    submission_id: UUID,
    reason: str,
    expected: int,
) -> SideEffect:
    """Mark a submission as entered in error; the clocks that it settled run again."""
    effect = await locked_effect(db, caller, effect_id)
    check(effect, expected)
    require_move(effect, "submissions")
    row = await found(db, ReportSubmission, caller.clinic_id, submission_id)
    if row.side_effect_id != effect.id:
        raise NotFound
    if row.entered_in_error_at is not None:
        raise IllegalTransition("entered_in_error", [])
    row.entered_in_error_at, row.entered_in_error_by = caller.now, caller.person()
    row.entered_in_error_reason = reason
    all_clocks = await clocks.clocks_of(db, effect)
    for clock in all_clocks:
        if clock.submission_id == row.id:
            clock.settled_at = clock.settled_because = clock.submission_id = None
    clocks.summarise(effect, all_clocks)
    touch(effect, db)
    audit.record(db, caller, "case_report.entered_in_error", row, reason=reason)
    await db.flush()
    return effect


def _answered(all_clocks: Sequence[ReportClock], draft: SubmissionCreate) -> list[ReportClock]:
    running = [each for each in all_clocks if each.settled_at is None]
    if draft.clock is None:
        return running
    named = [each for each in running if each.code == draft.clock]
    if not named:
        raise InvalidRequest([FieldError("/clock", "not_running", "No such clock runs.")])
    return named


def _check(
    caller: Caller, effect: SideEffect, draft: SubmissionCreate, on: date, due_on: date | None
) -> None:
    wrong = [*_gaps(draft)]
    if on > caller.today:
        wrong.append(FieldError("/submitted_on", "future", "This day has not come yet."))
    if effect.onset_on is not None and on < effect.onset_on:
        wrong.append(FieldError("/submitted_on", "before_onset", "It had not happened by then."))
    if due_on is not None and on > due_on and draft.late_because is None:
        wrong.append(FieldError("/late_because", "missing", "Say why it comes after its due day."))
    if wrong:
        raise InvalidRequest(wrong)


def _gaps(draft: SubmissionCreate) -> Iterator[FieldError]:
    if draft.decision is ReportDecision.NOT_REQUIRED:
        if draft.comment is None:
            yield FieldError("/comment", "missing", "Say why no report is required.")
        for name in ("recipient_kind", "recipient"):
            if getattr(draft, name) is not None:
                yield FieldError(f"/{name}", "contradiction", "Nothing was sent to anybody.")
        return
    for name in ("recipient_kind", "recipient"):
        if getattr(draft, name) is None:
            yield FieldError(f"/{name}", "missing", "Say to whom it was sent.")


async def _check_judge(db: AsyncSession, caller: Caller, effect: SideEffect) -> None:
    """That no report is required is a person's judgement; of a serious case the director's."""
    require_judge(caller, await highest_grade(db, effect))
    if effect.seriousness and Role.MEDICAL_DIRECTOR not in caller.roles:
        raise Forbidden("side_effects:review", "A serious case is the medical director's.")
