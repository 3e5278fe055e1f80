"""What a case report says, section by section, as plain words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from api.side_effects.case_answers import CaseReport, ClockBasis, Criterion
from api.side_effects.investigations import InvestigationResult
from api.side_effects.submission_schemas import ClockRead

_MEANT = {"other_important": "other important medical event"}
_CASES = {"case": "case reports only"}  # the catalogue's shorthand
Local = Callable[[datetime | None], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One section: pairs of name and value, or a table where it has `columns`."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...] = field(default=())


def parts(report: CaseReport, local: Local) -> Iterator[Part]:
    """The sections in their order. local: writes an instant in the clinic's time."""
    yield _criteria(report)
    yield _patient(report)
    yield _event(report, local)
    yield _judgement(report, local)
    yield _products(report)
    yield _lots(report)
    yield _course(report, local)
    yield _duty(report)
    yield _holds(report, local)


def words(codes: Iterable[str]) -> str:
    """Codes as a list of words."""
    return ", ".join(code.replace("_", " ") for code in codes)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _place(report: CaseReport, code: str) -> str:
    return report.area_names.get(code, code)


def _criteria(report: CaseReport) -> Part:
    def row(name: str, criterion: Criterion) -> tuple[str, str]:
        return name, "Met" if criterion.met else f"Missing: {criterion.missing}"

    four = report.minimum_criteria
    rows = (
        row("Identifiable patient", four.patient),
        row("Identifiable reporter", four.reporter),
        row("Suspect product", four.suspect_product),
        row("Adverse event", four.event),
    )
    return Part("Minimum criteria", rows)


def _patient(report: CaseReport) -> Part:
    age = "" if report.patient_age_years is None else f"{report.patient_age_years} years"
    rows = (
        ("Record number", report.patient_record_number),
        ("Age at onset", age),
        ("Sex", report.patient_sex),
        ("Suspected session", _text(report.performed_on)),
        ("Areas treated", ", ".join(_place(report, code) for code in report.areas_treated)),
    )
    return Part("Patient and treatment", rows)


def _event(report: CaseReport, local: Local) -> Part:
    effect = report.side_effect
    grade = f"{effect.grade} ({effect.grade_scale} {effect.grade_scale_version})"
    day = effect.days_since_session
    places = (
        f"{_place(report, code)}, {effect.sides[code]}"
        if code in effect.sides
        else _place(report, code)
        for code in effect.areas
    )
    rows = (
        ("Term", f"{effect.term} ({effect.code})"),
        ("In the reporter's words", _text(effect.term_text)),
        ("CTCAE terms", ", ".join(report.ctcae_terms)),
        ("MedDRA", ", ".join(report.meddra)),
        ("SNOMED CT", ", ".join(report.snomed)),
        ("Grade", f"{grade}: {effect.grade_text}" if effect.grade_text else grade),
        ("Onset", local(effect.started_at) or f"first noticed on {_text(effect.onset_on)}"),
        ("End", local(effect.ended_at) or "not over"),
        ("Days since the session", _text(day)),
        ("Where", "; ".join(places)),
        ("Description", effect.description),
        (
            "Seriousness",
            words(_MEANT.get(each, each) for each in effect.seriousness) or "not serious",
        ),
        ("Action taken", words([effect.action_taken or ""])),
        ("Treatment", _text(effect.treatment)),
        ("Outcome", words([effect.outcome or ""])),
        ("Sequelae", _text(effect.sequelae)),
        ("Contributing factors", ", ".join(effect.contributing_factors)),
        ("Reported by", f"{report.reporter}, {local(effect.reported_at)}"),
    )
    return Part("Event", rows)


def _judgement(report: CaseReport, local: Local) -> Part:
    effect = report.side_effect
    expected = {True: "expected", False: "unexpected", None: "cannot be said"}[effect.expected]
    rows = [
        ("Expectedness", f"{expected}. {effect.expected_because}"),
        ("Known frequency", _frequency(report.known_frequency)),
    ]
    if report.catalogue_source is not None:
        basis = f"{report.catalogue_source} (evidence: {report.catalogue_evidence})"
        rows.append(("Basis of both", basis))
    for each in effect.reviews:
        naranjo = (
            f"; Naranjo {each.naranjo_score} ({each.naranjo_category})"
            if each.naranjo_score is not None
            else ""
        )
        name = f"Causality, {local(each.reviewed_at)}"
        rows.append((name, f"WHO-UMC {each.causality}{naranjo}. {each.comment}"))
    return Part("Judgement", tuple(rows))


def _frequency(known: str | None) -> str:
    return "" if known is None else _CASES.get(known, known)


def _products(report: CaseReport) -> Part:
    rows = (
        (
            f"{each.name} ({each.ingredient_code})",
            f"{each.dose} {each.unit}" if each.dose is not None else "",
            "yes" if each.named else "",
        )
        for each in report.suspect_products
    )
    return Part("Suspect products", tuple(rows), ("Ingredient", "Dose given", "Suspected"))


def _lots(report: CaseReport) -> Part:
    rows = (
        (
            each.product_name,
            each.manufacturer,
            each.lot_number,
            str(each.expires_on),
            "yes" if each.named else "",
        )
        for each in report.suspect_lots
    )
    columns = ("Product", "Manufacturer", "Lot", "Expires", "Suspected")
    return Part("Lots", tuple(rows), columns)


def _course(report: CaseReport, local: Local) -> Part:
    rows = (
        (
            local(each.noted_at),
            _text(each.grade),
            words([each.outcome or ""]),
            " ".join([each.text, *(_result(result) for result in each.results)]),
        )
        for each in report.side_effect.follow_ups
    )
    return Part("Follow-up", tuple(rows), ("Noted", "Grade", "Outcome", "What was new"))


def _result(each: InvestigationResult) -> str:
    name = each.kind.value.replace("_", " ")
    note = f" {each.note}" if each.note else ""
    return f"[{name}, {each.on}: {each.result.value}.{note}]"


def _duty(report: CaseReport) -> Part:
    effect = report.side_effect
    basis = {each.code: each for each in report.clock_basis}
    clocks = (
        (
            basis[each.code].name if each.code in basis else words([each.code]),
            f"due {each.due_on}",
            ". ".join(filter(None, (_status(each), _days(basis.get(each.code))))),
        )
        for each in effect.clocks
    )
    sent = (
        (
            words([each.decision]),
            f"on {each.submitted_on}",
            ", ".join(filter(None, (each.recipient, each.jurisdiction, each.reference))),
        )
        for each in effect.submissions
        if each.entered_in_error_at is None
    )
    return Part("Reporting", (*clocks, *sent), ("What", "When", "Detail"))


def _status(clock: ClockRead) -> str:
    if clock.settled_because is not None:
        return clock.settled_because.removesuffix(".")
    return "Overdue" if clock.overdue else "Runs"


def _days(basis: ClockBasis | None) -> str:
    """The span of a clock with what it rests on."""
    if basis is None:
        return ""
    return f"{basis.days} days after day 0: {basis.source} (evidence: {basis.evidence})"


def _holds(report: CaseReport, local: Local) -> Part:
    rows = (
        (
            each.scope,
            words([each.reason_code]),
            words([each.release_role]),
            local(each.released_at) or "in force",
        )
        for each in report.side_effect.holds
    )
    return Part("Holds", tuple(rows), ("Held", "Because", "Released by", "Released"))
