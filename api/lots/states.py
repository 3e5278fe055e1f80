"""The life of a lot: the state it is in today, and the moves that it has from there."""

from datetime import date

from api.problems import IllegalTransition
from models import Lot, LotState

MOVES: dict[LotState, tuple[str, ...]] = {
    LotState.AVAILABLE: ("open", "quarantine", "recall", "use-up"),
    LotState.QUARANTINED: ("release", "recall"),
    LotState.EXPIRED: ("quarantine", "recall"),
    LotState.USED_UP: ("recall",),
    LotState.RECALLED: (),
}


def state_on(lot: Lot, today: date) -> LotState:
    """The state on the clinic's day `today`: an available lot is expired after its last day.

    Expiry is read off the calendar and never stored, so that nothing has to run at midnight and
    a record entered later is judged by the day it speaks of.
    """
    if lot.state is LotState.AVAILABLE and today > lot.expires_on:
        return LotState.EXPIRED
    return lot.state


def possible_moves(lot: Lot, today: date) -> list[str]:
    """The moves that the lot has today, sorted; a container is opened once."""
    moves = MOVES[state_on(lot, today)]
    return sorted(move for move in moves if move != "open" or lot.opened_on is None)


def require_move(lot: Lot, move: str, today: date) -> None:
    """IllegalTransition, with the state and the possible moves, where the lot has no such move."""
    possible = possible_moves(lot, today)
    if move not in possible:
        raise IllegalTransition(state_on(lot, today).value, possible)
