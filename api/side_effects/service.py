"""Reporting a side effect: tie it to what was given, judge it, stop what must stop."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked
from api.decisions.figures import in_force
from api.decisions.matters import EffectReport
from api.decisions.schemas import Answers, FindingRead
from api.decisions.service import decide
from api.security import Caller
from api.side_effects import suspects
from api.side_effects.answers import EscalationRead, SideEffectReported
from api.side_effects.checks import FATAL_GRADE, check_report, onset_of
from api.side_effects.clocks import run_clocks
from api.side_effects.details import first_report, shedding_details, write_details
from api.side_effects.escalation import escalate
from api.side_effects.judging import judge_expectedness
from api.side_effects.reading import detailed
from api.side_effects.schemas import SideEffectReport
from api.side_effects.suspects import Onset
from api.side_effects.vocabulary import Seriousness
from models import Administration, Patient, SideEffect, TreatmentSession

# Kept in `details`, or derived below; everything else of a report is a column of the same name.
_DERIVED = {
    "sides", "shedding", "draining", "device_incident", "suspect_lot_ids", "seriousness",
    "session_id",
}  # fmt: skip
_COLUMNS = [name for name in SideEffectReport.model_fields if name not in _DERIVED]


async def report(
    db: AsyncSession, caller: Caller, draft: SideEffectReport
) -> tuple[SideEffect, SideEffectReported]:
    """Keep a report, which no rule ever refuses, and open the holds that it asks for.

    Raises NotFound for an unknown patient or session, InvalidRequest for a report that
    contradicts itself.
    """
    await locked(db, Patient, caller.clinic_id, draft.patient_id)
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    check_report(caller, draft, figures)
    await suspects.check_named(db, caller, draft.suspect_ingredient_codes, draft.suspect_lot_ids)
    onset = onset_of(caller, draft)
    given = await suspects.performed_session(db, caller, draft.patient_id, draft.session_id, onset)
    effect = _row(caller, draft, onset, given)
    judge_expectedness(caller, effect, figures)
    db.add(effect)
    await db.flush()
    await run_clocks(db, caller, effect, figures, device_incident=draft.device_incident)
    findings = await judged(db, caller, effect)
    audit.record(db, caller, "side_effect.reported", effect)
    escalation = await escalate(db, caller, effect, figures)
    await db.flush()
    return effect, await answer(db, caller, effect, escalation, findings)


async def judged(db: AsyncSession, caller: Caller, effect: SideEffect) -> tuple[FindingRead, ...]:
    """What the rules find in the side effect as it stands; their decision is kept."""
    session = None
    if effect.session_id is not None:
        session = await found(db, TreatmentSession, caller.clinic_id, effect.session_id)
    decided = await decide(db, caller, EffectReport(effect, session), Answers())
    effect.decision_id = decided.id
    return decided.findings


async def answer(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    escalation: EscalationRead,
    findings: tuple[FindingRead, ...],
) -> SideEffectReported:
    """The side effect as kept, with what it means for the treatment."""
    detail = await detailed(db, caller, effect)
    return SideEffectReported.model_validate(
        detail.model_dump() | {"escalation": escalation, "findings": findings}
    )


def _row(
    caller: Caller, draft: SideEffectReport, onset: Onset, given: Administration | None
) -> SideEffect:
    seriousness = {each.value for each in draft.seriousness}
    if draft.grade == FATAL_GRADE:
        seriousness.add(Seriousness.DEATH.value)
    effect = SideEffect(
        clinic_id=caller.clinic_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        reported_at=caller.now,
        onset_known=onset.at is not None,
        onset_on=onset.on,
        **{name: getattr(draft, name) for name in _COLUMNS},
        seriousness=tuple(sorted(seriousness)),
        suspect_lot_ids=tuple(str(lot_id) for lot_id in draft.suspect_lot_ids),
    )
    if given is not None:
        effect.session_id = given.session_id
        effect.plan_id = given.plan_id
        effect.formula_version_id = given.formula_version_id
        effect.days_since_session = (onset.on - given.performed_on).days
    sides = {code: side.value for code, side in draft.sides.items()}
    write_details(
        effect,
        {"first": first_report(effect), "sides": sides, "draining": draft.draining}
        | {"device_incident": draft.device_incident}
        | shedding_details(draft.shedding),
    )
    return effect
