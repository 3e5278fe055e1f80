"""The words of the CTCAE grades, for the terms that the catalogue uses (section 6.2)."""

from collections.abc import Iterable
from functools import cache

from rules.reference_data import reference_rows

SCALE, VERSION = "CTCAE", "5.0"
_GENERAL = "General"


def grade_text(ctcae_terms: Iterable[str], grade: int) -> str | None:
    """What a grade from 1 to 5 means for the first of these terms that defines grades.

    Terms without a row of their own take the general wording; None where the term knows no such
    grade (a CTCAE alopecia has no grade 3) or the number is no grade.
    """
    for term in ctcae_terms:
        if term in _grades():
            return _grades()[term].get(grade)
    return _grades()[_GENERAL].get(grade)


@cache
def _grades() -> dict[str, dict[int, str]]:
    """By term; a row of the table may name several, parted by strokes."""
    found: dict[str, dict[int, str]] = {}
    for row in reference_rows("ctcae_grades"):
        words = {int(grade): text for grade, text in row["grades"].items()}
        for term in row["term"].split(" / "):
            found[term] = _of_term(term, words)
    return found


def _of_term(term: str, words: dict[int, str]) -> dict[int, str]:
    """The words of one term where its row gives those of two ("presyncope: near-faint")."""
    own = {}
    for grade, text in words.items():
        head, colon, tail = text.partition(": ")
        if not colon:
            own[grade] = text
        elif head == term.lower():
            own[grade] = tail
    return own
