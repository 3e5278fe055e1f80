"""The life of a session: every move from every state."""

import pytest

from tests.factories_sessions import (
    SCREENING,
    administer,
    book,
    check_in,
    make_active_plan,
    move_on,
    moved,
    performance,
)

TEN = "2026-03-03T10:00:00+01:00"
PERFORMED = "2026-03-03T10:10:00+01:00"
BODIES = {
    "confirm": {},
    "cancel": {"reason": "The patient is travelling."},
    "no-show": {},
    "check-in": SCREENING,
    "administration": performance(PERFORMED),
    "entered-in-error": {"reason": "Wrong patient."},
}
# From each state: the moves that are possible, and the state that each leads to.
LIFE = {
    "scheduled": {
        "confirm": "confirmed", "cancel": "cancelled", "no-show": "no_show",
        "check-in": "checked_in",
    },
    "confirmed": {"cancel": "cancelled", "no-show": "no_show", "check-in": "checked_in"},
    "checked_in": {"cancel": "cancelled", "administration": "completed"},
    "completed": {"entered-in-error": "cancelled"},
    "cancelled": {},
    "no_show": {},
}  # fmt: skip


async def brought_to(state, nurse, plan, clinic, clock):
    session = await book(nurse, plan, clinic, TEN)
    path = f"/v1/sessions/{session['id']}"
    clock.advance(days=1, hours=1, minutes=15)
    for move, reached in {
        "confirm": "confirmed",
        "no-show": "no_show",
        "cancel": "cancelled",
    }.items():
        if state == reached:
            await moved(nurse, path, move, BODIES[move])
    if state in {"checked_in", "completed"}:
        await check_in(nurse, session)
    if state == "completed":
        await administer(nurse, session, PERFORMED)
    assert (await nurse.get(path)).json()["state"] == state
    return path


@pytest.mark.parametrize("state", LIFE)
async def test_every_move_from_every_state(as_role, clinic, clock, state):
    nurse = as_role("nurse")
    plan = await make_active_plan(as_role, clinic)
    path = await brought_to(state, nurse, plan, clinic, clock)
    for move in BODIES.keys() - LIFE[state].keys():
        before = (await nurse.get(path)).json()
        answer = await move_on(nurse, path, move, BODIES[move])
        assert answer.status_code == 409, (move, answer.text)
        problem = answer.json()
        assert problem["type"] == "/problems/illegal-transition"
        assert problem["state"] == state
        assert set(LIFE[state]) <= set(problem["possible"])
        assert move not in problem["possible"]
        assert (await nurse.get(path)).json() == before


@pytest.mark.parametrize(
    ("state", "move"), [(state, move) for state, moves in LIFE.items() for move in moves]
)
async def test_where_each_move_leads(as_role, clinic, clock, state, move):
    nurse = as_role("nurse")
    plan = await make_active_plan(as_role, clinic)
    path = await brought_to(state, nurse, plan, clinic, clock)
    if move == "administration":
        await administer(nurse, {"id": path.rpartition("/")[2]}, PERFORMED)
    else:
        await moved(nurse, path, move, BODIES[move])
    assert (await nurse.get(path)).json()["state"] == LIFE[state][move]


async def test_nobody_is_missed_before_the_start(as_role, clinic, clock):
    desk = as_role("receptionist")
    session = await book(desk, await make_active_plan(as_role, clinic), clinic, TEN)
    path = f"/v1/sessions/{session['id']}"
    clock.advance(days=1, minutes=59, seconds=59)
    early = await move_on(desk, path, "no-show")
    assert early.status_code == 409
    assert "no-show" not in early.json()["possible"]
    clock.advance(seconds=1)
    missed = await moved(desk, path, "no-show")
    assert (missed["state"], missed["no_show_at"]) == ("no_show", "2026-03-03T09:00:00Z")


async def test_a_cancelled_session_frees_its_time(as_role, clinic):
    desk = as_role("receptionist")
    plan = await make_active_plan(as_role, clinic)
    session = await book(desk, plan, clinic, TEN)
    path = f"/v1/sessions/{session['id']}"
    assert (await move_on(desk, path, "cancel", {})).status_code == 422
    cancelled = await moved(desk, path, "cancel", BODIES["cancel"])
    assert cancelled["cancel_reason"] == "The patient is travelling."
    again = await book(desk, plan, clinic, TEN)
    assert again["session_number"] == 1
