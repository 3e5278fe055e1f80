"""Rules on side effects: what is open holds the next session, what is serious stops it."""

from datetime import timedelta

from rules import wording
from rules.case import Case
from rules.facts import CaseReport, OpenEffect, PriorReaction
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN
_POSSIBLE = ("certain", "probable", "possible")


@rule(
    "AE-HOLD-GRADE",
    44,
    title="Open side effect",
    why="Nobody is injected again before what the last injection did is understood.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="Resolve, treat, sign off (table 6.4)",
    source="convention on CTCAE v5 [CTCAE]",
    evidence="convention",
    passing="open bruising, grade 1",
    failing="open injection site reaction, grade 2",
    override_role=PRESCRIBER,
    parameters=("effect.override_grade", "effect.block_grade"),
)
def open_effects(case: Case) -> Answer:
    """The worst grade among unresolved effects of the plan, one finding per effect that counts.

    Grade 2 asks for an override, grade 3 and more blocks until the medical director signs off.
    """
    if case.facts.effects is None:
        return (unknown(_WARN, "Open side effects are not known.", case.day_pointer),)
    found = [_grade_fault(case, each) for each in case.facts.effects if not each.cleared]
    return tuple(fault for fault in found if fault is not None)


def _grade_fault(case: Case, effect: OpenEffect) -> Fault | None:
    if effect.grade is None:
        return unknown(_WARN, f"{_named(case, effect)} is open and has no grade.", case.day_pointer)
    asks = case.figures.integer("effect.override_grade")
    if effect.grade < asks:
        return None
    blocks = case.figures.integer("effect.block_grade")
    text = (
        f"{_named(case, effect)}, grade {effect.grade}, is not resolved; at most grade {asks - 1}"
        " passes."
    )
    return fail(
        _BLOCK if effect.grade >= blocks else _OVERRIDE,
        text,
        case.day_pointer,
        measured=str(effect.grade),
        limit=str(asks - 1),
        unit="grade",
    )


def _named(case: Case, effect: OpenEffect) -> str:
    """The catalogue's word for it, with its code."""
    row = case.figures.effects.get(effect.code)
    if row is None:
        return effect.code
    return f"{row.name[:1].upper()}{row.name[1:]} ({effect.code})"


def _of_kind(case: Case, *kinds: str) -> list[OpenEffect]:
    """The open effects whose catalogue entry has one of these kinds."""
    found = []
    for effect in case.facts.effects or ():
        row = case.figures.effects.get(effect.code)
        if row is not None and not effect.cleared and not set(kinds).isdisjoint(row.kinds):
            found.append(effect)
    return found


@rule(
    "AE-SHED-ESCALATE",
    45,
    title="Shedding that lasts, or bald patches",
    why="Early shedding settles; what lasts or leaves patches needs a specialist first.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_OVERRIDE,
    remedy="Trichoscopy, ferritin/TSH, biopsy if patchy",
    source="TE literature (acute < 6 months); 90 d convention; case [DUQ-2009], [ELK-2017]",
    evidence="convention",
    passing="diffuse shedding for 90 days",
    failing="diffuse shedding for 91 days",
    override_role=PRESCRIBER,
    parameters=("shedding.review_days",),
)
def shedding(case: Case) -> Answer:
    """Days since onset of unresolved shedding; any patch or scarring sign blocks."""
    if case.facts.effects is None:
        return (unknown(_OVERRIDE, "Open side effects are not known.", case.day_pointer),)
    found = [
        _shedding_fault(case, each) for each in _of_kind(case, "shedding", "patchy_or_scarring")
    ]
    return tuple(fault for fault in found if fault is not None)


def _shedding_fault(case: Case, effect: OpenEffect) -> Fault | None:
    patchy = case.figures.effects[effect.code].kinds
    if effect.patchy_or_scarring or "patchy_or_scarring" in patchy:
        text = f"{_named(case, effect)}: hair loss is patchy or scarring."
        return fail(_BLOCK, text, case.day_pointer, measured=effect.code)
    if effect.onset_on is None:
        text = f"{_named(case, effect)}: when it began is not recorded."
        return unknown(_OVERRIDE, text, case.day_pointer)
    days = (case.facts.on - effect.onset_on).days
    most = case.figures.integer("shedding.review_days")
    if days <= most:
        return None
    text = f"{_named(case, effect)} for {days} days; beyond {most} days a specialist reviews it."
    return fail(_OVERRIDE, text, case.day_pointer, measured=str(days), limit=str(most), unit="d")


@rule(
    "AE-DELAYED-NODULE",
    46,
    title="Nodule that came late",
    why="A lump or abscess a week or more after a session may be an atypical mycobacterium.",
    stages=(Stage.SIDE_EFFECT_REPORT, Stage.SCHEDULING),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Stop, culture incl. mycobacteria, quarantine lots, contact same-lot patients",
    source="case series: 1–12 weeks [SAN-2007], mean 3 weeks [ZEN-2025]; 7 d convention",
    evidence="case",
    passing="nodule on day 6: handled by AE-HOLD-GRADE",
    failing="nodule on day 7",
    parameters=("nodule.onset_days", "nodule.look_back_days"),
)
def delayed_nodule(case: Case) -> Answer:
    """Days from the session before to the onset of a nodule, abscess or draining lesion."""
    if case.facts.effects is None:
        return (unknown(_BLOCK, "Open side effects are not known.", case.day_pointer),)
    found = [_nodule_fault(case, each) for each in _of_kind(case, "nodule")]
    return tuple(fault for fault in found if fault is not None)


def _nodule_fault(case: Case, effect: OpenEffect) -> Fault | None:
    if effect.onset_on is None or effect.last_session_on is None:
        text = f"{_named(case, effect)}: its onset or the session before is not recorded."
        return unknown(_BLOCK, text, case.day_pointer)
    day = (effect.onset_on - effect.last_session_on).days
    first = case.figures.integer("nodule.onset_days")
    if day < first:
        return None
    back = case.figures.integer("nodule.look_back_days")
    text = (
        f"{_named(case, effect)} began on day {day} after the session; from day {first} it is"
        f" treated as possible mycobacteria: look back {back} days over the same lots."
    )
    return fail(_BLOCK, text, case.day_pointer, measured=str(day), limit=str(first - 1), unit="d")


@rule(
    "AE-RECHALLENGE",
    47,
    title="Ingredient that was suspected before",
    why="What may have caused an allergic event is not given again.",
    stages=(Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.CHECK_IN),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Avoid; allergy testing; director override only with negative test",
    source="convention",
    evidence="convention",
    passing="thiamine after a grade 1 event",
    failing="thiamine after a grade 2 event, probable",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
    patient_bound=True,
    parameters=("rechallenge.grade",),
)
def rechallenge(case: Case) -> Answer:
    """No suspect of an allergic event with grade 2 or more and causality at least possible."""
    if not case.lines:
        return NOT_APPLICABLE
    if case.facts.prior_reactions is None:
        return (unknown(_BLOCK, "Earlier allergic events are not known."),)
    codes = {line.code for line in case.lines}
    mine = [p for p in case.facts.prior_reactions if case.canonical(p.ingredient_code) in codes]
    found = [_suspect_fault(case, each) for each in mine]
    return tuple(fault for fault in found if fault is not None)


def _suspect_fault(case: Case, prior: PriorReaction) -> Fault | None:
    code, least = case.canonical(prior.ingredient_code), case.figures.integer("rechallenge.grade")
    if prior.grade is None or prior.causality is None:
        text = f"{code} was suspected before; its grade or causality is not recorded."
        return unknown(_BLOCK, text)
    if prior.grade < least or prior.causality not in _POSSIBLE:
        return None
    text = f"{code} was a {prior.causality} suspect of an allergic event of grade {prior.grade}."
    severity = _OVERRIDE if prior.negative_test else _BLOCK
    return fail(severity, text, measured=str(prior.grade), limit=str(least - 1), unit="grade")


@rule(
    "AE-REPORT-CLOCK",
    48,
    title="Case report overdue",
    why="Authorities see a pattern only when cases reach them in time.",
    stages=(Stage.SIDE_EFFECT_REPORT,),
    severities=(_WARN,),
    if_missing=_WARN,
    remedy="Submit; document reason",
    source="ICH E2D 15 d; 7 d from ICH E2A (recalled) [ICH]",
    evidence="regulator",
    passing="submitted on day 15",
    failing="submitted on day 16",
    parameters=("report.serious_days", "report.fatal_days"),
)
def report_clock(case: Case) -> Answer:
    """Submitted at most 15 calendar days after day 0 (7 if fatal or life-threatening).

    Not yet submitted counts from today. A case that is not serious has no such clock.
    """
    report = case.facts.report
    if report is None or (report.serious is False and not report.fatal_or_life_threatening):
        return NOT_APPLICABLE
    if report.serious is None or report.day0_on is None:
        text = "Whether the case is serious, or its day 0, is not recorded."
        return (unknown(_WARN, text, "/seriousness"),)
    return _clock_faults(case, report)


def _clock_faults(case: Case, report: CaseReport) -> tuple[Fault, ...]:
    if report.day0_on is None:
        return ()
    key = "report.fatal_days" if report.fatal_or_life_threatening else "report.serious_days"
    due = report.day0_on + timedelta(days=case.figures.integer(key))
    reached = report.submitted_on or case.facts.on
    if reached <= due:
        return ()
    late = wording.count((reached - due).days, "day")
    word = "Submitted" if report.submitted_on else "Not submitted, and"
    text = f"{word} {late} after it was due on {due.isoformat()}."
    return (fail(_WARN, text, measured=reached.isoformat(), limit=due.isoformat()),)
