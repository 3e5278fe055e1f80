"""Rules on consent: in force on the day, and covering what is injected."""

from rules import wording
from rules.case import Case
from rules.facts import Consent
from rules.finding import Severity, fail, unknown
from rules.registry import NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK = Severity.BLOCK


def in_force(case: Case) -> list[Consent]:
    """The consents in force on the day: signed, not withdrawn, not too old."""
    return [each for each in case.facts.consents or () if _holds(case, each)]


def _valid_days(case: Case, consent: Consent) -> int:
    figure = case.figures.integer("consent.valid_days")
    return figure if consent.valid_days is None else min(figure, consent.valid_days)


def _withdrawn(case: Case, consent: Consent) -> bool:
    return consent.withdrawn_on is not None and consent.withdrawn_on <= case.facts.on


def _holds(case: Case, consent: Consent) -> bool:
    age = (case.facts.on - consent.signed_on).days
    return not _withdrawn(case, consent) and 0 <= age <= _valid_days(case, consent)


@rule(
    "CONSENT-VALID",
    3,
    title="No consent in force",
    why="Nobody is treated without a specific consent that is still theirs.",
    stages=(Stage.PLAN_ACTIVATION, Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Re-consent before treatment",
    source="consensus [MAM-2025] (specific consent); 365 d convention",
    evidence="convention",
    passing="signed 365 days ago",
    failing="signed 366 days ago",
    parameters=("consent.valid_days",),
)
def consent_in_force(case: Case) -> Answer:
    """One consent must be signed, not withdrawn, and 0 to 365 days old, both inclusive."""
    if not case.facts.consents:
        return (unknown(_BLOCK, "No consent to this treatment is recorded."),)
    if in_force(case):
        return ()
    kept = [each for each in case.facts.consents if not _withdrawn(case, each)]
    if not kept:
        return (fail(_BLOCK, "Every consent was withdrawn."),)
    latest = max(kept, key=lambda each: (each.signed_on, each.document_code))
    age, most = (case.facts.on - latest.signed_on).days, _valid_days(case, latest)
    if age < 0:
        text = f"The consent is dated {latest.signed_on.isoformat()}, after this day."
        return (fail(_BLOCK, text, measured=str(age), limit="0", unit="d"),)
    text = f"The consent of {latest.signed_on.isoformat()} is {age} days old; it holds {most} days."
    return (fail(_BLOCK, text, measured=str(age), limit=str(most), unit="d"),)


@rule(
    "CONSENT-COVERS-INGREDIENTS",
    4,
    title="Ingredient without consent",
    why="Consent names what is injected and whether that is off-label.",
    stages=(Stage.FORMULA_APPROVAL, Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Consent to the named missing ingredients (state off-label status)",
    source="convention",
    evidence="convention",
    passing="every ingredient is named in the consent",
    failing="minoxidil is not",
    patient_bound=True,
)
def consent_covers(case: Case) -> Answer:
    """Every ingredient of the formula is in a consent that is in force."""
    if not case.lines:
        return NOT_APPLICABLE
    if not case.facts.consents:
        return (unknown(_BLOCK, "No consent to this treatment is recorded."),)
    named = {
        case.canonical(code) for consent in in_force(case) for code in consent.ingredient_codes
    }
    missing = sorted({line.code for line in case.lines} - named)
    if not missing:
        return ()
    text = f"Not consented: {wording.listed(missing)}."
    return (fail(_BLOCK, text, measured=wording.listed(missing)),)
