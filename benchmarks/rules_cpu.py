"""CPU of the rules alone: all scheduling rules, and a full administration.

    python -m benchmarks.rules_cpu

Prints milliseconds of CPU per evaluation for a usual history (12 sessions of one plan) and for a
long one (ten years of weekly sessions; the service loads no more than the look-back of the rule
set, so that is far beyond what a request sees). No database and no HTTP.
"""

import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from rules.evaluate import evaluate
from rules.facts import (
    Administration,
    Component,
    Consent,
    Diagnosis,
    Emergency,
    Facts,
    Formula,
    GivenDose,
    LotInUse,
    OpenEffect,
    OtherTherapy,
    Patient,
    Plan,
    PlannedArea,
    PlanSession,
    Screening,
)
from rules.reference_data import reference_protocols, reference_rule_set
from rules.stage import Stage

_DAY = date(2026, 3, 2)
_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_LINES = (
    Component("DEXPANTHENOL", 250_000, 2_000, excipient_classes=()),
    Component("BIOTIN", 5_000, 1_000, excipient_classes=()),
    Component("LIDOCAINE", 20_000, 500, excipient_classes=("PARABEN",)),
)
_AREAS = tuple(
    PlannedArea(code, 875, None, 20, 2_000, "POINT_BY_POINT", 6_000)
    for code in ("SCALP_FRONTAL", "SCALP_VERTEX")
)
_ROUNDS, _REPEATS = 200, 15


def facts(sessions: int) -> Facts:
    """A patient in the middle of a course, with so many sessions before, a week apart."""
    protocol = next(p.protocol for p in reference_protocols() if p.protocol.code == "P-CLASSIC-442")
    before = [_DAY - timedelta(days=7 * back) for back in range(1, sessions + 1)]
    given = [GivenDose(line.ingredient_code, on, 1_000_000) for on in before for line in _LINES]
    codes = tuple(line.ingredient_code for line in _LINES)
    return Facts(
        on=_DAY,
        at=_AT,
        patient=Patient(
            born_on=date(1989, 4, 2), sex="male", no_known_allergies=True, allergies=None,
            conditions=("HYPOTHYROIDISM",), medications=("LEVOTHYROXINE",), weight_g=80_000,
            weighed_on=_DAY,
        ),
        consents=(Consent("MESO", _DAY - timedelta(days=90), ingredient_codes=codes),),
        formula=Formula("f", 1, _LINES, 3_500, 620, ("SCALP",)),
        plan=Plan(
            "p", 3, (Diagnosis("L64.9", "confirmed"),), "L64.9", _AREAS, 1_750, protocol,
            _DAY - timedelta(days=40), before[-1],
        ),
        sessions=tuple(
            PlanSession(2 - place, on, performed=True) for place, on in enumerate(before)
        ),
        given=tuple(given),
        course_counts=(),
        other_therapies=(OtherTherapy("TOPICAL_MINOXIDIL", _DAY - timedelta(days=30), "SCALP"),),
        screening=Screening(True, False, 367, 120, 75, 70),
        administration=Administration(_AREAS, 1_750, None, _AT, _AT),
        lots=tuple(
            LotInUse(f"l{n}", code, _DAY, "available", f"L-{n}", "multi_dose", _DAY)
            for n, code in enumerate(codes)
        ),
        effects=(OpenEffect("AE_BRUISE", 1, onset_on=_DAY, last_session_on=before[0]),),
        prior_reactions=(),
        emergency=Emergency(_DAY, _DAY, 30, first_exposure=False),
    )  # fmt: skip


def milliseconds(stage: Stage, known: Facts) -> list[float]:
    """CPU per evaluation, sorted, of several repeats; facts are new each time, nothing is kept."""
    figures, found = reference_rule_set(), []
    for _ in range(_REPEATS):
        started = time.process_time()
        for number in range(_ROUNDS):
            evaluate(stage, replace(known, on=known.on + timedelta(days=number % 2)), figures)
        found.append((time.process_time() - started) * 1000 / _ROUNDS)
    return sorted(found)


def main() -> None:
    """Print the table that `README.md` quotes."""
    out = sys.stdout
    out.write("| evaluation | history | best, ms | median, ms |\n| --- | --- | --- | --- |\n")
    for stage in (Stage.SCHEDULING, Stage.CHECK_IN, Stage.ADMINISTRATION):
        for sessions in (12, 520):
            took = milliseconds(stage, facts(sessions))
            median = statistics.median(took)
            words = f"{sessions} sessions"
            out.write(f"| {stage.value} | {words} | {took[0]:.3f} | {median:.3f} |\n")


if __name__ == "__main__":
    main()
