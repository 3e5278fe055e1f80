"""What a side effect sets in motion: the rows of the escalation table that it triggers."""

from dataclasses import dataclass

from rules.rule_set import RuleSet
from rules.tables import Escalation

_STRENGTH = ("block", "hold", "task", "none")
_CLUSTER_PATIENTS = 2
_SIGNAL_CASES = 3


@dataclass(frozen=True, slots=True)
class FormulaRate:
    """Cases of one term after one formula, and the sessions in which it was given.

    recent: the last 30 days, this case included. before: the 12 months that precede them.
    """

    recent_cases: int
    recent_sessions: int
    cases_before: int
    sessions_before: int


@dataclass(frozen=True, slots=True)
class Reported:
    """A side effect as far as escalation reads it; None where not known.

    grade: CTCAE 1–5. onset_day: days from the session before to the onset; days_lasting: from
    onset to today, or to its end. overdue: past its expected end.
    shedding_severity: S0–S4 of section 6.2. draining: a lump, an abscess or drainage, whatever
    its code. pregnancy: discovered while on the plan.
    lot_patients: patients with the same term and lot within 30 days, this one included.
    formula: how often the term follows its formula now and before; None without a formula.
    """

    code: str
    grade: int | None
    serious: bool = False
    resolved: bool = False
    onset_day: int | None = None
    days_lasting: int | None = None
    overdue: bool | None = None
    shedding_severity: str | None = None
    patchy_or_scarring: bool | None = None
    draining: bool = False
    pregnancy: bool = False
    lot_patients: int = 1
    formula: FormulaRate | None = None


def escalate(reported: Reported, figures: RuleSet) -> tuple[Escalation, ...]:
    """The rows of section 6.4 that apply, strongest effect first, then in the table's order.

    What is not known counts as the worse: no onset day makes a nodule a late one, no grade
    makes an effect one of grade 2.
    """
    names = _triggers(reported, figures)
    rows = [row for row in figures.escalations if row.trigger in names]
    return tuple(sorted(rows, key=lambda row: _STRENGTH.index(row.effect)))


def _triggers(reported: Reported, figures: RuleSet) -> set[str]:
    row = figures.effects.get(reported.code)
    kinds = frozenset(row.kinds) if row is not None else frozenset()
    grade = 2 if reported.grade is None else reported.grade
    found = {
        name
        for name, applies in (
            ("serious", reported.serious),
            ("grade_3", grade >= figures.integer("effect.block_grade")),
            ("grade_2", grade == 2 and not reported.resolved),
            ("patchy_or_scarring", _patchy(reported, kinds)),
            ("delayed_nodule", _late_nodule(reported, kinds, figures)),
            ("infection", "infection" in kinds),
            ("allergy_grade_2", "allergy" in kinds and grade >= 2),
            ("anaphylaxis_or_last", "permanent_stop" in kinds),
            ("pregnancy", reported.pregnancy),
            ("lot_cluster", reported.lot_patients >= _CLUSTER_PATIENTS),
            ("formula_signal", rate_doubled(reported.formula)),
        )
        if applies
    }
    if "shedding" in kinds and not _patchy(reported, kinds):
        found.add(_shedding(reported, figures))
    if not found and grade <= 1:
        late = reported.overdue and not reported.resolved
        found.add("local_grade_1_overdue" if late else "local_grade_1_in_window")
    return found


def rate_doubled(rate: FormulaRate | None) -> bool:
    """Three recent cases or more, and at least twice the rate of the 12 months before.

    Compared by cross multiplication, so exactly. Where the formula was not given before there is
    no rate to compare with, and three cases are a signal by themselves.
    """
    if rate is None or rate.recent_cases < _SIGNAL_CASES:
        return False
    recent = rate.recent_cases * rate.sessions_before
    return recent >= 2 * rate.cases_before * rate.recent_sessions


def _patchy(reported: Reported, kinds: frozenset[str]) -> bool:
    return (
        bool(reported.patchy_or_scarring)
        or "patchy_or_scarring" in kinds
        or reported.shedding_severity == "S4"
    )


def _late_nodule(reported: Reported, kinds: frozenset[str], figures: RuleSet) -> bool:
    if "nodule" not in kinds and not reported.draining:
        return False
    return reported.onset_day is None or reported.onset_day >= figures.integer("nodule.onset_days")


def _shedding(reported: Reported, figures: RuleSet) -> str:
    lasting = reported.days_lasting or 0
    if reported.shedding_severity == "S3" or lasting > figures.integer("shedding.review_days"):
        return "shedding_s3"
    return "shedding_in_window"
