"""The life of a side effect: the moves that it has, and who may make them."""

from api.problems import Forbidden, IllegalTransition
from api.scopes import Role
from api.security import Caller
from models import SideEffect, SideEffectState

MOVES: dict[SideEffectState, tuple[str, ...]] = {
    SideEffectState.OPEN: ("follow-ups", "submissions", "review", "entered-in-error"),
    SideEffectState.UNDER_REVIEW: (
        "follow-ups", "submissions", "review", "resolve", "entered-in-error",
    ),
    # Late information is judged as well; it stays resolved.
    SideEffectState.RESOLVED: ("follow-ups", "submissions", "review", "entered-in-error"),
    SideEffectState.ENTERED_IN_ERROR: (),
}  # fmt: skip
UNRESOLVED = (SideEffectState.OPEN, SideEffectState.UNDER_REVIEW)
# From this grade on, only the medical director judges.
DIRECTORS_GRADE = 3


def require_move(effect: SideEffect, move: str) -> None:
    """IllegalTransition, with the state and the possible moves, where there is no such move."""
    possible = MOVES[effect.state]
    if move not in possible:
        raise IllegalTransition(effect.state.value, list(possible))


def require_judge(caller: Caller, highest_grade: int) -> None:
    """Forbidden unless a person judges, and of grade 3 or more the medical director.

    highest_grade: the worst it ever was, so that nobody comes to judge by lowering the grade.
    """
    caller.person()
    if highest_grade >= DIRECTORS_GRADE and Role.MEDICAL_DIRECTOR not in caller.roles:
        raise Forbidden(
            "side_effects:review", "Grade 3 or more is for the medical director to judge."
        )
