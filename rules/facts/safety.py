"""What went wrong before, what is held, and who answers for what."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OpenEffect:
    """An unresolved side effect that is attributed to the plan, or not excluded from it.

    cleared: the medical director signed it off after review.
    last_session_on: the session that precedes its onset.
    """

    code: str
    grade: int | None
    side_effect_id: str = ""
    onset_on: date | None = None
    last_session_on: date | None = None
    patchy_or_scarring: bool | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class PriorReaction:
    """An earlier allergic event with its suspect ingredient, of any plan."""

    ingredient_code: str
    grade: int | None
    causality: str | None
    negative_test: bool = False


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The reporting clock of a side effect; day0_on: the four minimum criteria are known."""

    serious: bool | None = None
    fatal_or_life_threatening: bool | None = None
    day0_on: date | None = None
    submitted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force that touches this plan; scope as in the escalation table."""

    scope: str
    reason_code: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who wrote, who approves, who proposes; ids as text, roles as the clinic names them."""

    author_id: str | None = None
    approver_id: str | None = None
    approver_roles: tuple[str, ...] | None = None
    proposer_id: str | None = None
