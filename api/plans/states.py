"""The life of a plan: `draft` → `active` ⇄ `on_hold` → `completed` or `stopped`."""

from collections.abc import Sequence

from api.problems import IllegalTransition
from models import Hold, PlanState, TreatmentPlan

CHANGE = "change"
ACTIVATE = "activate"
HOLD = "hold"
RELEASE = "release"
COMPLETE = "complete"
STOP = "stop"

_MOVES: dict[PlanState, tuple[str, ...]] = {
    PlanState.DRAFT: (ACTIVATE, CHANGE),
    PlanState.ACTIVE: (COMPLETE, HOLD, STOP),
    PlanState.ON_HOLD: (COMPLETE, HOLD, RELEASE, STOP),
    PlanState.COMPLETED: (),
    PlanState.STOPPED: (),
}


def possible(plan: TreatmentPlan) -> list[str]:
    """The moves that the plan has from its state, sorted."""
    return sorted(_MOVES[plan.state])


def refusal(plan: TreatmentPlan, detail: str) -> IllegalTransition:
    """The problem that says where the plan stands and what it can do from there."""
    return IllegalTransition(plan.state.value, possible(plan), detail)


def require(plan: TreatmentPlan, move: str) -> None:
    """IllegalTransition where the plan's state does not have that move."""
    if move not in _MOVES[plan.state]:
        words = plan.state.value.replace("_", " ")
        raise refusal(plan, f"A plan that is {words} has no {move}.")


def held(plan: TreatmentPlan, holds: Sequence[Hold]) -> IllegalTransition:
    """The problem of a plan that may not go on; `holds` says what holds it and who may release.

    Their reasons are clinical and stay out of the problem.
    """
    count = "A hold is" if len(holds) == 1 else f"{len(holds)} holds are"
    problem = IllegalTransition(
        plan.state.value, [*possible(plan), RELEASE], f"{count} in force; nothing may be given."
    )
    problem.extra["possible"] = sorted(set(problem.extra["possible"]))
    problem.extra["holds"] = [
        {
            "id": str(hold.id),
            "scope": hold.scope.value,
            "release_role": hold.release_role,
            "opened_at": hold.opened_at.isoformat().replace("+00:00", "Z"),
        }
        for hold in holds
    ]
    return problem
