"""Working out a proposal, as an operation: what is affected, where it could go, what is best."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from api import audit
from api.availability.booking_settings import UsualSession
from api.availability.calendars import NO_BUFFERS
from api.clock import local_day
from api.database import found, locked
from api.decisions.days_ahead import DaysAhead, days_ahead_of_many
from api.operations.work import Work, add_items
from api.repairs import proposing, together
from api.repairs.candidates import Moving, Reach, find
from api.repairs.needs import needs_of
from api.repairs.scene import Scene, load_scene
from api.repairs.spots import Spots
from api.solving.apart import solve_apart
from api.solving.choosing import Solution
from api.solving.placing import Affected, Choice, cost_of
from models import Repair, RepairPlanner, RepairState

REPAIR = "repair"
_BATCH = 75
_ROUNDS = 4  # how often places that cannot be taken together are left out and it is solved again
_LEAST_SECONDS = 1.0
_LEAST_SHARE = 0.3  # of the time, for the solver, on a machine that is slow at everything else


async def plan_repair(work: Work) -> dict[str, Any]:
    """Propose a place for every affected session. Result: what came of it, and its href."""
    begun = time.monotonic()
    async with work.database.reading() as db:
        repair = await found(db, Repair, work.lease.clinic_id, UUID(work.args["repair_id"]))
        scene = await load_scene(db, await work.caller(db), repair)
    await _ask_rules(work, scene)
    await _find_places(scene, repair)
    given = json.loads(repair.options)["seconds"]
    left = given - (time.monotonic() - begun)
    solution = await _solve(work, scene, max(left, given * _LEAST_SHARE))
    worked_ms = round((time.monotonic() - begun) * 1000)
    return await _propose(work, repair.id, scene, solution, worked_ms)


async def _ask_rules(work: Work, scene: Scene) -> None:
    """Load what the rules look at for each session, some plans at a time; stops when asked to."""
    caller, total = scene.caller, len(scene.moving)
    last = local_day(scene.horizon, caller.zone)
    leaving: dict[UUID, set[datetime]] = {}
    for each in scene.moving:
        leaving.setdefault(each.booked.plan.id, set()).add(each.start)
    judges: dict[UUID, DaysAhead] = {}
    for begin in range(0, total, _BATCH):
        batch = scene.moving[begin : begin + _BATCH]
        plans = {each.booked.plan.id: each.booked.plan for each in batch if each.code is None}
        new = [plan for plan_id, plan in plans.items() if plan_id not in judges]
        async with work.database.reading() as db:
            found = await days_ahead_of_many(db, caller, new, caller.today, last)
        judges |= {plan.id: judge for plan, judge in zip(new, found, strict=True)}
        for each in batch:
            if each.code is None:
                each.told(judges[each.booked.plan.id], leaving[each.booked.plan.id], caller)
                await asyncio.sleep(0)  # others are served in between
        await _came_to(work, begin + len(batch), total)


async def _came_to(work: Work, done: int, total: int) -> None:
    async with work.step() as step:
        step.came_to(done, total + 1, {})


async def _find_places(scene: Scene, repair: Repair) -> None:
    """Fill in the candidates, one session after the other; who else is served goes between."""
    options = json.loads(repair.options)
    spots = Spots(scene.calendars, scene.caller.zone, scene.how.grid, scene.possible.people)
    last = local_day(scene.horizon, scene.caller.zone)
    reach = Reach(scene.caller, scene.how, spots, last, len(scene.moving))
    anchors: dict[UUID, list[datetime]] = {}
    for number, each in enumerate(scene.moving):
        session = each.booked.session
        usual = UsualSession(each.length, NO_BUFFERS)
        needs = needs_of(
            session, scene.possible, usual, same=options["practitioners"] == "same",
            features=each.booked.plan.room_features,
        )  # fmt: skip
        each.beside = tuple(anchors.get(session.plan_id, ()))
        if needs is not None:
            find(each, needs, scene.busy.get(session.patient_id, []), reach, number)
        anchors.setdefault(session.plan_id, []).append(each.anchor)
        await asyncio.sleep(0)
    together.keep_distances(scene.moving, scene.caller)


async def _solve(work: Work, scene: Scene, seconds: float) -> Solution:
    """The best choice whose moves can be made one after the other."""
    begun = time.monotonic()

    async def look() -> None:
        await _came_to(work, len(scene.moving), len(scene.moving))

    for _ in range(_ROUNDS):
        left = max(seconds - (time.monotonic() - begun), _LEAST_SECONDS)
        solution = await solve_apart(_problem(scene.moving), left, look)
        forbidden = _forbidden(scene.moving, solution.choice)
        if not forbidden:
            return solution
        if time.monotonic() - begun + _LEAST_SECONDS > seconds:
            break
        _leave_out(scene.moving, forbidden)
    else:
        solution = await solve_apart(_problem(scene.moving), _LEAST_SECONDS, look)
    return _cut(scene.moving, solution)


def _problem(moving: Sequence[Moving]) -> list[Affected]:
    return [
        Affected(
            str(each.booked.session.patient_id),
            tuple(candidate.place for candidate in each.candidates),
        )
        for each in moving
    ]


def _forbidden(moving: Sequence[Moving], choice: Choice) -> together.Forbidden:
    return together.refused_together(moving, choice) | together.order(moving, choice)[1]


def _leave_out(moving: Sequence[Moving], forbidden: together.Forbidden) -> None:
    for position, each in enumerate(moving):
        each.candidates = [
            candidate
            for number, candidate in enumerate(each.candidates)
            if (position, number) not in forbidden
        ]


def _cut(moving: Sequence[Moving], solution: Solution) -> Solution:
    """Without the moves that cannot be made beside the others; their sessions have no place."""
    choice = list(solution.choice)
    while forbidden := _forbidden(moving, tuple(choice)):
        for position, _ in forbidden:
            choice[position] = None
    cost = cost_of(_problem(moving), tuple(choice))
    return replace(solution, choice=tuple(choice), objective=cost)


async def _propose(
    work: Work, repair_id: UUID, scene: Scene, solution: Solution, worked_ms: int
) -> dict[str, Any]:
    """Keep the proposal, in one transaction with the end of the work."""
    moves = [
        proposing.move_of(each, chosen, scene.caller)
        for each, chosen in zip(scene.moving, solution.choice, strict=True)
    ]
    placed = sum(each.proposed is not None for each in moves)
    async with work.step() as step:
        await add_items(
            step,
            [
                work.item(number, REPAIR, each.code, each.session_id, each.model_dump(mode="json"))
                for number, each in enumerate(moves, 1)
            ],
        )
        repair = await locked(step.db, Repair, work.lease.clinic_id, repair_id)
        repair.state = RepairState.PROPOSED
        repair.affected, repair.placed = len(moves), placed
        repair.objective, repair.bound = solution.objective, solution.bound
        repair.gap_e4 = int(solution.gap.scaleb(4))
        repair.planner, repair.in_time = RepairPlanner(solution.planner), solution.in_time
        repair.worked_ms = worked_ms
        audit.record(step.db, await work.caller(step.db), "repair.proposed", repair)
        step.came_to(len(moves) + 1, len(moves) + 1, {})
    return {
        "affected": len(moves),
        "placed": placed,
        "planner": solution.planner,
        "gap": str(solution.gap),
        "href": f"/v1/repairs/{repair_id}",
    }
