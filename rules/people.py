"""Rules on people: the patient's age and diagnosis, two pairs of eyes, readiness to rescue."""

from rules import facts, wording
from rules.case import Case
from rules.contraindications import completed_years
from rules.facts import Emergency
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage
from rules.tables import Diagnosis

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN
APPROVERS = ("medical_director", "physician")
"""The roles whose holders may approve a formula."""


@rule(
    "PAT-AGE-MIN",
    1,
    title="Patient is under age",
    why="The trials enrolled adults; for minors nothing is known.",
    stages=(Stage.PLAN_ACTIVATION, Stage.SCHEDULING),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Refer, or obtain guardian consent and medical-director override",
    source="convention (trials enrolled adults, e.g. [UZEL] 18–65)",
    evidence="convention",
    passing="18 years exactly",
    failing="one day before the 18th birthday",
    override_role=MEDICAL_DIRECTOR,
    parameters=("age.min_years",),
)
def minimum_age(case: Case) -> Answer:
    """Completed years on the day; 29 February birthdays count from 1 March."""
    patient, least = case.facts.patient, case.figures.integer("age.min_years")
    if patient is None or patient.born_on is None:
        return (unknown(_BLOCK, "The date of birth is not known."),)
    years = completed_years(patient, case)
    if years >= least:
        return ()
    text = f"The patient is {years} years old on that day; at least {least} are asked for."
    return (fail(_OVERRIDE, text, measured=str(years), limit=str(least), unit="a"),)


@rule(
    "DX-REQUIRED-SUITABLE",
    2,
    title="Diagnosis missing or unsuitable",
    why="Find the cause first: scarring and systemic hair loss are made worse or missed.",
    stages=(Stage.PLAN_ACTIVATION,),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Record a confirmed diagnosis, or refer",
    source="source article (identify the cause first); review",
    evidence="review",
    passing="androgenetic alopecia, confirmed",
    failing="lichen planopilaris",
    override_role=PRESCRIBER,
)
def suitable_diagnosis(case: Case) -> Answer:
    """At least one confirmed diagnosis, none unsuitable; a relative one asks for an override."""
    plan = case.facts.plan
    present = [d for d in (plan.diagnoses or () if plan else ()) if d.status != "excluded"]
    if not any(each.status == "confirmed" for each in present):
        return (unknown(_BLOCK, "There is no confirmed diagnosis.", "/diagnosis_icd10"),)
    faults: list[Fault] = []
    own = plan.diagnosis_icd10 if plan else None
    if own is not None and not any(_is_one(own, each) for each in present):
        text = f"What the plan treats, {own}, is not among the confirmed diagnoses."
        faults.append(unknown(_BLOCK, text, "/diagnosis_icd10"))
    for code in sorted({each.icd10 for each in present}):
        fault = _suitability_fault(code, _suitability(case, code))
        if fault is not None:
            faults.append(fault)
    return tuple(faults)


def _is_one(planned: str, known: facts.Diagnosis) -> bool:
    """Whether a confirmed diagnosis is the planned one, or one of the two lies under the other."""
    same = planned.startswith(known.icd10) or known.icd10.startswith(planned)
    return same and known.status == "confirmed"


def _suitability(case: Case, icd10: str) -> Diagnosis | None:
    """The row of the longest code that the diagnosis is or lies under."""
    rows = [row for row in case.figures.diagnoses if icd10.startswith(row.icd10)]
    return max(rows, key=lambda row: len(row.icd10), default=None)


def _suitability_fault(icd10: str, row: Diagnosis | None) -> Fault | None:
    pointer = "/diagnosis_icd10"
    if row is None:
        return unknown(_BLOCK, f"{icd10} is in no list of diagnoses.", pointer)
    if row.suitability == "suitable":
        return None
    bad = row.suitability == "not_suitable"
    word = "is not suitable" if bad else "is suitable only with care"
    return fail(
        _BLOCK if bad else _OVERRIDE,
        f"{row.name} ({icd10}) {word}: {row.why}.",
        pointer,
        measured=row.suitability,
        source=row.source,
        evidence=row.evidence,
    )


@rule(
    "ROLE-FOUR-EYES",
    50,
    title="Approval needs a second person",
    why="Who wrote a formula does not see its mistakes.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Ask another authorised person",
    source="convention",
    evidence="convention",
    passing="another physician approves",
    failing="the author approves",
)
def four_eyes(case: Case) -> Answer:
    """The approver is not the author, and is a physician or the medical director."""
    people = case.facts.people
    if people is None or None in (people.author_id, people.approver_id, people.approver_roles):
        return (unknown(_BLOCK, "Author, approver or the approver's role is not known."),)
    faults = []
    if people.author_id == people.approver_id:
        faults.append(fail(_BLOCK, "Author and approver are the same person."))
    roles = {role.lower() for role in people.approver_roles or ()}
    if roles.isdisjoint(APPROVERS):
        text = "The approver is neither a physician nor the medical director."
        faults.append(fail(_BLOCK, text, measured=wording.listed(sorted(roles) or ["no role"])))
    return tuple(faults)


@rule(
    "ADMIN-EMERGENCY-READY",
    49,
    title="Not ready for an emergency",
    why="Anaphylaxis leaves minutes.",
    stages=(Stage.ADMINISTRATION, Stage.SIDE_EFFECT_REPORT),
    severities=(_BLOCK, _WARN),
    if_missing=_BLOCK,
    remedy="Check kit; keep the patient",
    source="label (resuscitation equipment immediately available) [LID-LBL]; times convention",
    evidence="convention",
    passing="kit checked 31 days ago, 30 minutes observed on first exposure",
    failing="kit checked 32 days ago",
    parameters=("emergency.kit_days", "emergency.observation", "emergency.first_observation"),
)
def emergency_ready(case: Case) -> Answer:
    """Kit checked at most 31 days ago, adrenaline in date, observed long enough."""
    if case.stage is Stage.SIDE_EFFECT_REPORT and case.facts.emergency is None:
        return NOT_APPLICABLE  # nothing of this clinic's preceded the effect
    ready = case.facts.emergency or Emergency()
    found = (_kit_fault(case, ready), _adrenaline_fault(case, ready), _watch_fault(case, ready))
    return tuple(fault for fault in found if fault is not None)


def _kit_fault(case: Case, ready: Emergency) -> Fault | None:
    if ready.kit_checked_on is None:
        return unknown(_BLOCK, "When the emergency kit was checked is not recorded.")
    days = (case.facts.on - ready.kit_checked_on).days
    most = case.figures.integer("emergency.kit_days")
    if 0 <= days <= most:
        return None
    text = f"The emergency kit was checked {days} days ago; at most {most} are accepted."
    return fail(_BLOCK, text, measured=str(days), limit=str(most), unit="d")


def _adrenaline_fault(case: Case, ready: Emergency) -> Fault | None:
    expires = ready.adrenaline_expires_on
    if expires is None:
        return unknown(_BLOCK, "The expiry of the adrenaline is not recorded.")
    if case.facts.on <= expires:
        return None
    text = f"The adrenaline expired on {expires.isoformat()}."
    return fail(_BLOCK, text, measured=case.facts.on.isoformat(), limit=expires.isoformat())


def _watch_fault(case: Case, ready: Emergency) -> Fault | None:
    first = ready.first_exposure is not False  # not known counts as first
    key = "emergency.first_observation" if first else "emergency.observation"
    least = case.figures.integer(key)
    if ready.observed_minutes is None:
        return unknown(_WARN, "How long the patient was observed is not recorded.")
    if ready.observed_minutes >= least:
        return None
    text = f"Observed for {ready.observed_minutes} minutes; at least {least} are asked for."
    return fail(_WARN, text, measured=str(ready.observed_minutes), limit=str(least), unit="min")
