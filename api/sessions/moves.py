"""The life of a session: which move leads where, and what is possible now.

scheduled → confirmed → checked_in → completed
cancelled: before completion        no_show: once the start has passed, if nobody came
"""

from datetime import datetime

from api.problems import IllegalTransition
from models import SessionState, TreatmentSession

RESCHEDULE = "reschedule"
CONFIRM = "confirm"
CANCEL = "cancel"
NO_SHOW = "no-show"
CHECK_IN = "check-in"
ADMINISTRATION = "administration"
ADDENDA = "addenda"
ENTERED_IN_ERROR = "entered-in-error"

_MOVES: dict[SessionState, tuple[str, ...]] = {
    SessionState.SCHEDULED: (CONFIRM, CANCEL, CHECK_IN, NO_SHOW, RESCHEDULE),
    SessionState.CONFIRMED: (CANCEL, CHECK_IN, NO_SHOW, RESCHEDULE),
    SessionState.CHECKED_IN: (ADMINISTRATION, CANCEL),
    SessionState.COMPLETED: (ADDENDA, ENTERED_IN_ERROR),
    SessionState.CANCELLED: (),
    SessionState.NO_SHOW: (),
}

# Sessions in these states count as one of the plan's: the others give their number back.
LIVE = (
    SessionState.SCHEDULED,
    SessionState.CONFIRMED,
    SessionState.CHECKED_IN,
    SessionState.COMPLETED,
)


def possible(session: TreatmentSession, now: datetime) -> tuple[str, ...]:
    """The moves of a session at an instant, sorted; a no-show only once its start has passed."""
    moves = _MOVES[session.state]
    if session.starts_at > now:
        moves = tuple(move for move in moves if move != NO_SHOW)
    return tuple(sorted(moves))


def refusal(session: TreatmentSession, now: datetime, detail: str) -> IllegalTransition:
    """The problem that says where the session stands and what it can do from there."""
    return IllegalTransition(session.state, list(possible(session, now)), detail)


def require(session: TreatmentSession, move: str, now: datetime) -> None:
    """IllegalTransition where the session does not have that move now."""
    if move in possible(session, now):
        return
    too_early = move == NO_SHOW and NO_SHOW in _MOVES[session.state]
    raise refusal(
        session,
        now,
        "The session has not started yet." if too_early else f"A {_words(session)} has no {move}.",
    )


def _words(session: TreatmentSession) -> str:
    return f"session that is {session.state.replace('_', ' ')}"
