"""What the rules are told about pregnancy: the newest answer to each question."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models import Patient, PregnancyStatement, PregnancyStatus, Screening

Answers = Sequence[Screening | PregnancyStatement]


def answers_of(
    screenings: Sequence[Screening], statements: Sequence[PregnancyStatement]
) -> Answers:
    """What was answered about pregnancy, newest first, at visits and between them.

    On one day the visit counts: the screening is asked last.
    """
    return sorted([*screenings, *statements], key=_asked_on, reverse=True)


def _asked_on(answer: Screening | PregnancyStatement) -> date:
    return answer.screened_on if isinstance(answer, Screening) else answer.stated_on


def pregnancy(patient: Patient, conditions: tuple[str, ...], answers: Answers) -> dict[str, Any]:
    """Every question takes its newest answer; a standing condition outweighs an answer of no."""
    asked = next((a for a in answers if a.pregnancy_status is not None), None)
    tested = next((a for a in answers if a.pregnancy_test_result is not None), None)
    status = asked.pregnancy_status if asked else None
    potential = _newest(answers, "childbearing_potential")
    if potential is None:
        potential = patient.childbearing_potential
    if potential is None and status is PregnancyStatus.NOT_APPLICABLE:
        potential = False
    pregnant = "PREGNANCY" in conditions or status is PregnancyStatus.PREGNANT
    known = status is PregnancyStatus.NOT_PREGNANT
    return {
        "childbearing_potential": potential,
        "pregnancy": "pregnant" if pregnant else "not_pregnant" if known else None,
        "pregnancy_asked_on": _asked_on(asked) if asked else None,
        "pregnancy_test": _value(tested.pregnancy_test_result) if tested else None,
        "pregnancy_tested_on": (tested.pregnancy_test_on or None) if tested else None,
        "lactating": "LACTATION" in conditions or _newest(answers, "lactating"),
        "effective_contraception": _newest(answers, "contraception_effective"),
    }


def _newest(answers: Answers, question: str) -> bool | None:
    given = (getattr(each, question) for each in answers)
    return next((answer for answer in given if answer is not None), None)


def _value(code: Any) -> str | None:
    return None if code is None else str(code.value)
