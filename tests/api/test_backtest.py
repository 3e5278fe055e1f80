"""A version tried on what the clinic has done: per rule before and after, with the sessions."""

import asyncio
import json

import pytest
from sqlmodel import select

from api.decisions import backtesting
from api.main import HANDLERS
from api.operations.runner import Runner
from api.rule_sets import backtests
from models import Decision
from rules.backtest import answers
from tests.factories_rule_sets import draft, figure, publish
from tests.factories_sessions import book, make_active_plan
from tests.remembering import remembered

CONSENT = {"parameters": {"consent.valid_days": figure("0", "d")}}
GAP = {"parameters": {"spacing.gap_factor": figure("1", "1")}}


@pytest.fixture
def carry_out(app):
    """Carry out the operations that wait."""
    return Runner(app.state.database, HANDLERS).run_waiting


async def read(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ask(client, number=2, **body):
    answer = await client.post(f"/v1/rule-sets/{number}/backtest", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["location"] == f"/v1/operations/{answer.json()['id']}"
    return answer.json()


async def try_out(client, carry_out, number=2, **body):
    operation = await ask(client, number, **body)
    await carry_out()
    done = await read(client, f"/v1/operations/{operation['id']}")
    assert done["status"] == "succeeded", done
    return done["result"]


@pytest.fixture
@remembered
async def history(as_role, clinic):
    """A plan with three booked sessions; the third comes 11 days after the second, one more than
    the protocol's maximum of 10, which was acknowledged."""
    plan = await make_active_plan(as_role, clinic)
    desk = as_role("receptionist")
    sessions = [await book(desk, plan, clinic, f"2026-03-{day}T09:00:00Z") for day in ("03", "10")]
    acknowledged = {"acknowledged": ["SPACING-MAX-GAP"]}
    sessions.append(await book(desk, plan, clinic, "2026-03-21T09:00:00Z", **acknowledged))
    return sessions


def rule_of(result, code):
    return next(row for row in result["rules"] if row["code"] == code)


async def test_the_version_in_force_says_the_same_again(as_role, history, carry_out):
    director = as_role("medical_director")
    result = await try_out(director, carry_out, 1)
    assert result["decisions"] == 5  # a formula, a plan, three bookings
    assert result["verdicts"]["before"] == result["verdicts"]["after"]
    assert result["verdicts"]["before"]["needs_acknowledgement"] == 1
    assert all(row["before"] == row["after"] for row in result["rules"])
    assert all(row["stricter"] == row["looser"] == 0 for row in result["rules"])
    assert (result["unreadable"], result["shorter_history"]) == (0, 0)
    lines = (await read(director, result["href"]))["items"]
    assert {line["change"] for line in lines} == {"same"}
    (line,) = [each for each in lines if each["code"] == "SPACING-MAX-GAP"]
    assert (line["before"], line["after"]) == ("warned", "warned")


async def test_a_stricter_draft_says_per_rule_what_it_would_have_stopped(
    as_role, history, carry_out
):
    director = as_role("medical_director")
    await draft(director, changes=GAP)
    result = await try_out(director, carry_out)
    gap = rule_of(result, "SPACING-MAX-GAP")
    assert gap["before"]["warned"] == 1
    assert "needs_override" not in gap["before"]
    assert gap["after"]["needs_override"] == 1
    assert (gap["stricter"], gap["looser"]) == (1, 0)
    assert result["rules"][0] == gap  # what changes most comes first
    assert result["verdicts"]["after"]["needs_override"] == 1
    href = f"{result['href']}?code=SPACING-MAX-GAP&change=stricter"
    (line,) = (await read(director, href))["items"]
    assert (line["before"], line["after"]) == ("warned", "needs_override")
    assert (line["subject_kind"], line["subject_id"]) == ("session", history[2]["id"])
    assert (line["stage"], line["decision_id"]) == ("scheduling", history[2]["decision_id"])
    looser = await read(director, f"{result['href']}?change=looser")
    assert looser["items"] == []


async def test_a_rule_that_is_no_longer_asked(as_role, history, carry_out):
    director = as_role("medical_director")
    off = {"rules": {"SPACING-MAX-GAP": {"active": False}}}
    reason = {"rules/SPACING-MAX-GAP/active": "Our patients come by a weekly boat."}
    await draft(director, changes=off, loosened=reason)
    result = await try_out(director, carry_out)
    gap = rule_of(result, "SPACING-MAX-GAP")
    assert set(gap["after"]) == {"not_asked"}
    assert (gap["stricter"], gap["looser"]) == (0, 1)
    assert "needs_acknowledgement" not in result["verdicts"]["after"]


async def test_days_are_the_clinics_and_both_included(as_role, history, carry_out, clock, clinic):
    director = as_role("medical_director")
    assert (await try_out(director, carry_out, 1, to_on="2026-03-01"))["decisions"] == 0
    result = await try_out(director, carry_out, 1, from_on="2026-03-02", to_on="2026-03-02")
    assert result["decisions"] == 5
    assert (await try_out(director, carry_out, 1, from_on="2026-03-03"))["decisions"] == 0
    turned = {"from_on": "2026-03-03", "to_on": "2026-03-02"}
    answer = await director.post("/v1/rule-sets/1/backtest", json=turned)
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/to_on"]


async def test_pages_of_the_sessions(as_role, history, carry_out):
    director = as_role("medical_director")
    await draft(director, changes=CONSENT | GAP)
    result = await try_out(director, carry_out)
    whole = (await read(director, result["href"]))["items"]
    assert [each["position"] for each in whole] == list(range(1, len(whole) + 1))
    seen: list = []
    query = "?limit=1"
    while query:
        page = await read(director, f"{result['href']}{query}")
        seen += page["items"]
        query = f"?limit=1&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == whole


async def test_who_may_test_and_read(as_role, history, carry_out):
    director = as_role("medical_director")
    answer = await as_role("practitioner").post("/v1/rule-sets/1/backtest", json={})
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "rules:manage")
    assert (await director.post("/v1/rule-sets/9/backtest", json={})).status_code == 404
    result = await try_out(director, carry_out, 1)
    assert (await as_role("practitioner").get(result["href"])).status_code == 403
    assert (await as_role("other:medical_director").get(result["href"])).status_code == 404
    assert (await as_role("practitioner").get("/v1/operations")).json()["items"] == []


async def test_another_clinics_decisions_are_not_judged(as_role, history, carry_out):
    assert (await try_out(as_role("other:medical_director"), carry_out, 1))["decisions"] == 0


async def test_a_draft_that_changes_meanwhile_is_not_tested(as_role, history, carry_out):
    director = as_role("medical_director")
    etag = (await draft(director)).headers["etag"]
    operation = await ask(director)
    patch = {"changes": GAP}
    changed = await director.patch("/v1/rule-sets/2", json=patch, headers={"If-Match": etag})
    assert changed.status_code == 200
    await carry_out()
    ended = await read(director, f"/v1/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["type"]) == ("failed", "/problems/rule-set-outdated")


async def test_nothing_is_changed_by_a_test(as_role, history, carry_out, app):
    async def kept():
        async with app.state.database.reading() as db:
            return (await db.exec(select(Decision.id, Decision.result))).all()

    before = await kept()
    director = as_role("medical_director")
    await draft(director, changes=GAP)
    await try_out(director, carry_out)
    assert await kept() == before
    rule = await read(director, "/v1/rules/SPACING-MAX-GAP")
    assert rule["rule_set"]["number"] == 1


async def test_history_that_reaches_back_less_far_is_counted(as_role, history, carry_out):
    director = as_role("medical_director")
    longer = {"ingredients": {"DUTASTERIDE": {"min_interval": figure("91", "d")}}}
    await draft(director, changes=longer)
    result = await try_out(director, carry_out)
    assert (result["shorter_history"], result["decisions"]) == (5, 5)


async def test_an_interrupted_test_goes_on_and_counts_nothing_twice(
    as_role, history, app, clock, monkeypatch
):
    director = as_role("medical_director")
    await draft(director, changes=GAP)
    monkeypatch.setattr("api.rule_sets.backtests._BATCH", 2)
    operation = await ask(director)

    class Lost(BaseException):
        """The process is gone."""

    steps = 0
    from api.operations.work import add_items

    async def lost(step, lines):
        nonlocal steps
        steps += 1
        if steps == 2:
            raise Lost
        await add_items(step, lines)

    monkeypatch.setattr(backtests, "add_items", lost)
    with pytest.raises(Lost):
        await Runner(app.state.database, HANDLERS).run_waiting()
    half = await read(director, f"/v1/operations/{operation['id']}")
    assert (half["status"], half["progress"]) == ("running", {"done": 2, "total": 5})
    clock.advance(seconds=31)
    await Runner(app.state.database, HANDLERS).run_waiting()
    whole = await read(director, f"/v1/operations/{operation['id']}")
    assert whole["progress"] == {"done": 5, "total": 5}
    monkeypatch.undo()
    once = await try_out(director, Runner(app.state.database, HANDLERS).run_waiting)
    assert whole["result"] | {"href": ""} == once | {"href": ""}
    lines = [(await read(director, each["href"]))["items"] for each in (whole["result"], once)]
    assert lines[0] == lines[1]


async def test_a_test_is_cancelled_between_two_steps(as_role, history, app, monkeypatch):
    director = as_role("medical_director")
    monkeypatch.setattr("api.rule_sets.backtests._BATCH", 1)
    operation = await ask(director, 1)
    reached, go_on = asyncio.Event(), asyncio.Event()

    monkeypatch.setattr(backtests, "_look_backs", _before(backtests._look_backs, reached, go_on))
    running = asyncio.create_task(Runner(app.state.database, HANDLERS).run_waiting())
    await reached.wait()
    path = f"/v1/operations/{operation['id']}"
    asked = await director.post(f"{path}/cancel", headers={"If-Match": '"1"'})
    assert asked.status_code == 200
    go_on.set()
    await running
    ended = await read(director, path)
    assert (ended["status"], ended["progress"]["done"], ended["result"]) == ("cancelled", 0, None)


def _before(original, reached, go_on):
    async def waiting(*args):
        reached.set()
        await go_on.wait()
        return await original(*args)

    return waiting


async def test_facts_that_can_no_longer_be_read_are_counted_not_guessed(
    as_role, history, carry_out, app, clinic
):
    text = '{"on":"2026-03-02","of_an_older_release":1}'
    async with app.state.database.reading() as db:
        row = (await db.exec(select(Decision).limit(1))).one()
    document = (await read(as_role("medical_director"), "/v1/rule-sets/1"))["document"]
    kept = [[row.stage, text, row.result], [row.stage, row.facts, row.result]]
    (line,) = answers([json.dumps(document), json.dumps(kept)])
    unreadable, (then, now, _) = json.loads(line)
    assert (unreadable, then) == ("unreadable", now)


async def test_published_versions_too(as_role, history, carry_out):
    director = as_role("medical_director")
    await draft(director, changes=GAP)
    await publish(as_role("second:medical_director"), 2)
    result = await try_out(director, carry_out)
    assert rule_of(result, "SPACING-MAX-GAP")["stricter"] == 1


async def test_the_judging_process_that_dies_fails_the_test_and_says_so(
    as_role, history, app, monkeypatch, carry_out
):
    monkeypatch.setattr(backtesting, "_SCRIPT", backtesting._SCRIPT.with_name("not_there.py"))
    operation = await ask(as_role("medical_director"), 1)
    await carry_out()
    ended = await read(as_role("medical_director"), f"/v1/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["type"]) == ("failed", "/problems/internal")
