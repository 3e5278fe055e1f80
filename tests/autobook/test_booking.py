"""Whom the script books, and whom it leaves to a person."""

import json

import pytest

from api.autobook import NotAllowed
from tests.autobook.conftest import Script
from tests.factories import made
from tests.factories_crowds import make_plans
from tests.factories_sessions import book, make_active_plan, moved


async def standing(as_role):
    path = "/v1/sessions?state=scheduled&limit=200"
    return (await as_role("receptionist").get(path)).json()["items"]


async def test_it_books_each_who_is_due_once(as_role, clinic, script):
    plans = await make_plans(as_role, clinic, 3)
    report = await script()
    assert (report.due, report.left, report.ok, report.on is not None) == (3, 0, True, True)
    there = {each["id"]: each for each in await standing(as_role)}
    assert {each.session_id for each in report.booked} == set(there)
    assert {each.plan_id for each in report.booked} == {each["id"] for each in plans}
    for each in report.booked:
        stored = there[each.session_id]
        assert (each.starts_at, each.ends_at) == (stored["starts_at"], stored["ends_at"])
        assert (each.session_number, each.replayed) == (1, False)
        assert each.record_number is not None
        assert each.why
    again = await script()
    assert (again.due, again.booked, again.for_person) == (0, [], [])
    assert len(await standing(as_role)) == 3


async def test_a_dry_run_proposes_what_is_then_booked(as_role, clinic, script):
    await make_plans(as_role, clinic, 4)
    proposed = await script(dry_run=True)
    assert await standing(as_role) == []
    assert script.line.bookings() == []
    booked = await script()
    named = ("plan_id", "starts_at", "practitioner_id", "room_id")

    def slots(report):
        return [tuple(getattr(each, name) for name in named) for each in report.booked]

    assert len(slots(proposed)) == 4
    assert slots(proposed) == slots(booked)
    assert [each.session_id for each in proposed.booked] == [None] * 4


async def test_the_result_is_one_object_without_names(as_role, clinic, script):
    await make_plans(as_role, clinic, 1)
    document = json.loads(json.dumps((await script(dry_run=True)).document()))
    assert document["ok"] is True
    assert (document["dry_run"], document["due"]) == (True, 1)
    assert "Crowd" not in json.dumps(document)


async def test_what_was_cancelled_is_left_to_a_person_unless_told(as_role, clinic, script):
    plan = await make_active_plan(as_role, clinic)
    desk = as_role("receptionist")
    session = await book(desk, plan, clinic, "2026-03-05T10:00:00+01:00")
    await moved(desk, f"/v1/sessions/{session['id']}", "cancel", {"reason": "Travelling."})
    report = await script()
    (left,) = report.for_person
    assert (left.code, left.plan_id, report.booked) == ("follow_up", plan["id"], [])
    assert (await script(rebook=True)).booked[0].plan_id == plan["id"]


async def test_what_it_booked_and_somebody_cancelled_is_booked_anew(as_role, clinic, script):
    """Same day, same plan, same slot: the key must not bring the cancelled session back."""
    await make_active_plan(as_role, clinic)
    (first,) = (await script()).booked
    path = f"/v1/sessions/{first.session_id}"
    await moved(as_role("receptionist"), path, "cancel", {"reason": "Travelling."})
    (second,) = (await script(rebook=True)).booked
    assert second.session_id != first.session_id
    assert second.starts_at == first.starts_at
    assert [each["id"] for each in await standing(as_role)] == [second.session_id]


@pytest.mark.parametrize(
    ("days", "code", "rules"), [(11, "no_slot", ("SPACING-MAX-GAP",)), (60, "lapsed", ())]
)
async def test_a_finding_is_never_answered(as_role, clinic, script, clock, days, code, rules):
    """Too late without a warning to acknowledge, or with one to override: a person decides."""
    plan = await make_active_plan(as_role, clinic)
    await book(as_role("receptionist"), plan, clinic, "2026-03-03T10:00:00+01:00")
    clock.advance(days=days + 1)
    report = await script()
    (left,) = report.for_person
    assert (left.code, left.plan_id, report.booked, report.ok) == (code, plan["id"], [], True)
    assert set(rules) <= set(left.rules)
    assert script.line.bookings() == []


async def test_a_hold_is_for_a_person(as_role, clinic, script):
    plan = await make_active_plan(as_role, clinic)
    hold = {
        "scope": "formula", "formula_id": plan["formula_id"], "reason_code": "other",
        "reason": "Three patients complained within a day.",
    }  # fmt: skip
    await made(as_role("medical_director"), "/v1/holds", hold)
    (left,) = (await script()).for_person
    assert left.code == "not_possible"
    assert left.reason


async def test_the_limit_takes_who_presses_most(as_role, clinic, script, clock):
    """Of three, the one active for a week comes first, though all are due."""
    (old,) = await make_plans(as_role, clinic, 1)
    clock.advance(days=8)
    await make_plans(as_role, clinic, 2)
    report = await script(limit=1)
    assert [each.plan_id for each in report.booked] == [old["id"]]
    assert (report.due, report.left) == (3, 2)


async def test_one_practitioners_plans(as_role, clinic, script):
    mine = await make_active_plan(as_role, clinic)
    other = clinic.staff["second:practitioner"]
    await make_plans(as_role, clinic, 1, practitioner_id=str(other))
    report = await script(practitioner_id=clinic.staff["practitioner"])
    assert [each.plan_id for each in report.booked] == [mine["id"]]


@pytest.mark.parametrize(("protocol", "sessions"), [("P-MINOX-10W", 10), ("P-CLASSIC-442", 1)])
async def test_a_course_where_it_asks_for_nothing(as_role, clinic, script, protocol, sessions):
    """Ten weeks are booked whole; half a year needs a reassessment, which a person promises."""
    plans = await make_plans(as_role, clinic, 2, protocol=protocol)
    proposed = await script(course=True, dry_run=True)
    assert await standing(as_role) == []
    report = await script(course=True)
    for each in (proposed, report):
        numbers = [one.session_number for one in each.booked]
        assert numbers == [*range(1, sessions + 1)] * 2
        assert {one.plan_id for one in each.booked} == {plan["id"] for plan in plans}
    there = await standing(as_role)
    assert {each["id"] for each in there} == {each.session_id for each in report.booked}
    assert (await script(course=True)).due == 0


async def test_a_key_that_lacks_a_scope_books_nothing(line, key, as_role, clinic):
    await make_plans(as_role, clinic, 1)
    script = Script(line, await key("plans:read", "sessions:read"))
    with pytest.raises(NotAllowed, match="sessions:schedule"):
        await script()
    with pytest.raises(NotAllowed, match="does not accept"):
        await Script(line, "agn_key_unknown")()
    assert await standing(as_role) == []
