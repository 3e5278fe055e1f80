"""Results of what was looked into after a side effect: cultures, biopsies, opinions, look-backs."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from pydantic import ConfigDict, Field

from api.fields import Body, Day, Line
from api.problems import FieldError


class Investigation(StrEnum):
    """What was done; what the escalation table asks for is named as there."""

    CULTURE = "culture"
    CULTURE_MYCOBACTERIA = "culture_mycobacteria"
    BIOPSY = "biopsy"
    TRICHOSCOPY = "trichoscopy"
    SPECIALIST_OPINION = "specialist_opinion"
    LOOK_BACK = "look_back"


class Finding(StrEnum):
    """What came of it; `done` is for what has no result but words."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INCONCLUSIVE = "inconclusive"
    DONE = "done"


_CULTURES = (Investigation.CULTURE, Investigation.CULTURE_MYCOBACTERIA)
_IN_WORDS = (Investigation.SPECIALIST_OPINION, Investigation.LOOK_BACK)


class InvestigationResult(Body):
    """One result. A later one of the same kind counts instead of it; both stay readable."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "culture_mycobacteria", "result": "negative", "on": "2026-04-20"},
                {
                    "kind": "specialist_opinion",
                    "result": "done",
                    "on": "2026-04-21",
                    "note": "Dermatology: non-scarring, regrowth is to be expected.",
                },
            ]
        }
    )

    kind: Investigation = Field(description="What was done.", examples=["culture_mycobacteria"])
    result: Finding = Field(
        description="`negative`, `positive` or `inconclusive`; `done` for what is told in words: "
        "a specialist's opinion, a look-back.",
        examples=["negative"],
    )
    on: Day = Field(description="Local day of the result.", examples=["2026-04-20"])
    note: Line | None = Field(
        None,
        description="What was found; needed with `done`.",
        examples=["Six weeks, no growth."],
    )


def check_results(
    results: tuple[InvestigationResult, ...], onset_on: date | None, today: date
) -> Iterator[FieldError]:
    """What cannot be: a culture without a result, an opinion without words, a wrong day."""
    for index, each in enumerate(results):
        at = f"/results/{index}"
        done = each.result is Finding.DONE
        if done and each.kind in _CULTURES:
            yield FieldError(f"{at}/result", "no_result", "Say what the culture showed.")
        if not done and each.kind in _IN_WORDS:
            yield FieldError(f"{at}/result", "in_words", "This is `done`, with a note.")
        if done and each.note is None:
            yield FieldError(f"{at}/note", "missing", "Say what was found.")
        if each.on > today:
            yield FieldError(f"{at}/on", "future", "This day has not come yet.")
        elif onset_on is not None and each.on < onset_on:
            yield FieldError(f"{at}/on", "before_onset", "It is from before the side effect.")
