"""Causality of a single case: the WHO-UMC categories and the Naranjo score."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Causality(StrEnum):
    """The WHO-UMC categories, strongest first (section 6.3 [UMC])."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CONDITIONAL = "conditional"
    UNASSESSABLE = "unassessable"


CRITERIA = {
    Causality.CERTAIN: "plausible timing; not explained by disease or other drugs; plausible "
    "withdrawal response; definitive pharmacologically or phenomenologically; rechallenge "
    "satisfactory if needed",
    Causality.PROBABLE: "reasonable timing; unlikely due to disease or other drugs; clinically "
    "reasonable withdrawal response; rechallenge not required",
    Causality.POSSIBLE: "reasonable timing; could also be explained by disease or other drugs; "
    "withdrawal information lacking or unclear",
    Causality.UNLIKELY: "timing makes it improbable (not impossible); other explanation plausible",
    Causality.CONDITIONAL: "more data needed or being examined",
    Causality.UNASSESSABLE: "insufficient or contradictory, cannot be supplemented",
}
"""What all must hold for each category, shortened."""


class Answer(StrEnum):
    """The answer to one question of the Naranjo scale."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the Naranjo scale with its points; unknown always gives 0."""

    text: str
    yes: int
    no: int


QUESTIONS = (
    Question("previous conclusive reports", 1, 0),
    Question("event after the drug was given", 2, -1),
    Question("improved on withdrawal or antagonist", 1, 0),
    Question("reappeared on re-administration", 2, -1),
    Question("alternative causes could explain it", -1, 2),
    Question("reappeared with placebo", -1, 1),
    Question("toxic level measured", 1, 0),
    Question("dose-response", 1, 0),
    Question("similar reaction before", 1, 0),
    Question("objective confirmation", 1, 0),
)
"""The ten questions in their order (section 6.3 [NAR])."""

SOURCE = "Naranjo CA et al. Clin Pharmacol Ther 1981;30:239–45 [NAR]"


@dataclass(frozen=True, slots=True)
class Naranjo:
    """A Naranjo score, −4 to 13, and its category: definite, probable, possible or doubtful."""

    score: int
    category: str


def naranjo(answers: Sequence[Answer]) -> Naranjo:
    """The score of the ten answers, in the order of `QUESTIONS`.

    Raises ValueError unless there are exactly ten.
    """
    if len(answers) != len(QUESTIONS):
        raise ValueError(f"the scale has {len(QUESTIONS)} questions, not {len(answers)}")
    score = sum(_points(q, answer) for q, answer in zip(QUESTIONS, answers, strict=True))
    return Naranjo(score, category_of(score))


def _points(question: Question, answer: Answer) -> int:
    return {Answer.YES: question.yes, Answer.NO: question.no, Answer.UNKNOWN: 0}[answer]


def category_of(score: int) -> str:
    """What a score means: definite, probable, possible or doubtful."""
    if score >= 9:
        return "definite"
    if score >= 5:
        return "probable"
    return "possible" if score >= 1 else "doubtful"
