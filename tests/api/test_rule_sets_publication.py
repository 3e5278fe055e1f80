"""What a version changes, in words; and what its publication means for sessions to come."""

from datetime import timedelta

import pytest

from api.main import HANDLERS
from api.operations.runner import Runner
from tests.factories_rule_sets import DUTASTERIDE, draft, figure, loosened_gap, published
from tests.factories_sessions import book, make_active_plan, move_on, moved


@pytest.fixture
def carry_out(app):
    """Carry out the operations that wait."""
    return Runner(app.state.database, HANDLERS).run_waiting


async def read(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_reference_differs_from_itself_in_nothing(as_role):
    diff = await read(as_role("nurse"), "/v1/rule-sets/1/diff")
    assert diff == {
        "number": 1, "against": 0, "tighter": 0, "looser": 0, "reworded": 0, "changes": []
    }  # fmt: skip


async def test_a_diff_in_words_and_as_data(as_role):
    name, changes = loosened_gap()
    reason = "Our patients come by a weekly boat."
    changes |= {"ingredients": {"DUTASTERIDE": {"max_session": figure("0.5", "mg")}}}
    await draft(as_role("medical_director"), changes=changes, loosened={name: reason})
    diff = await read(as_role("nurse"), "/v1/rule-sets/2/diff")
    assert (diff["against"], diff["tighter"], diff["looser"], diff["reworded"]) == (1, 1, 1, 0)
    loose, tight = diff["changes"]
    assert loose["words"] == (
        "Spacing: how many times the maximum is a warning only 2 1 → 3 1 (looser);"
        " source: Decision of the director"
    )
    assert (loose["figure"], loose["reason"], loose["may_loosen"]) == (name, reason, True)
    assert (tight["figure"], tight["before"], tight["after"]) == (DUTASTERIDE, "1.0 mg", "0.5 mg")
    assert (tight["direction"], tight["reason"]) == ("tighter", None)
    whole = await read(as_role("nurse"), "/v1/rule-sets/2")
    _, table, place, field = tight["pointer"].split("/")
    assert whole["document"][table][int(place)][field]["value"] == "0.5"
    back = await read(as_role("nurse"), "/v1/rule-sets/1/diff?against=2")
    assert {each["direction"] for each in back["changes"]} == {"tighter", "looser"}
    missing = await as_role("nurse").get("/v1/rule-sets/1/diff?against=9")
    assert missing.status_code == 404
    assert (await as_role("nurse").get("/v1/rule-sets/1/diff?against=-1")).status_code == 422


async def test_publication_judges_the_sessions_to_come_again(as_role, clinic, carry_out):
    plan = await make_active_plan(as_role, clinic)
    desk, director = as_role("receptionist"), as_role("medical_director")
    days = ("2026-03-06", "2026-03-13", "2026-03-20", "2026-03-27")
    booked = [await book(desk, plan, clinic, f"{day}T09:00:00Z") for day in days]
    await moved(desk, f"/v1/sessions/{booked[3]['id']}", "cancel", {"reason": "patient_request"})
    # The consent of 2 March is 18 days old on the 20th, and valid for 17 from the 13th on.
    changes = {"parameters": {"consent.valid_days": figure("17", "d")}}
    version = await published(as_role, changes=changes, valid_from="2026-03-13")
    watched = f"/v1/operations/{version['recheck_operation_id']}"
    assert (await read(desk, watched))["status"] == "queued"
    assert await carry_out() == 1
    operation = await read(desk, watched)
    assert (operation["status"], operation["cancellable"]) == ("succeeded", False)
    result = operation["result"]
    assert (result["sessions"], result["refused"], result["needs_override"]) == (2, 1, 0)
    (found,) = (await read(director, result["href"]))["items"]
    assert (found["session_id"], found["outcome"]) == (booked[2]["id"], "refused")
    # A consent that has run out covers nothing any more, which is told beside it.
    messages = {each["code"]: each["message"] for each in found["findings"]}
    assert set(messages) == {"CONSENT-VALID", "CONSENT-COVERS-INGREDIENTS"}
    assert "17" in messages["CONSENT-VALID"]
    assert found["starts_at"] == "2026-03-20T09:00:00Z"
    none = await read(director, f"{result['href']}?outcome=needs_override")
    assert none["items"] == []
    refused = await desk.get(result["href"])
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "clinical:read")
    listed = await read(director, "/v1/worklists/review")
    assert [each["cause"] for each in listed["items"]] == ["rule_set"]


async def test_the_check_of_a_publication_cannot_be_cancelled(as_role):
    version = await published(as_role)
    path = f"/v1/operations/{version['recheck_operation_id']}"
    answer = await move_on(as_role("second:medical_director"), path, "cancel")
    assert answer.status_code == 409


async def test_a_check_that_was_interrupted_goes_on(as_role, clinic, app, clock, monkeypatch):
    """More sessions than fit in one step, and a process that is lost after the first."""
    plan = await make_active_plan(as_role, clinic)
    desk = as_role("receptionist")
    for week in range(1, 4):
        day = (clock() + timedelta(days=6 + 7 * (week - 1))).date()
        await book(desk, plan, clinic, f"{day}T09:00:00Z")
    monkeypatch.setattr("api.rule_sets.rechecking._BATCH", 1)
    changes = {"parameters": {"consent.valid_days": figure("5", "d")}}
    version = await published(as_role, changes=changes, valid_from="2026-03-02")

    class Lost(BaseException):
        """The process is gone."""

    steps = 0

    async def lost(*args):
        nonlocal steps
        steps += 1
        if steps == 2:
            raise Lost
        return await original(*args)

    from api.decisions.recheck import recheck as original
    from api.rule_sets import rechecking

    monkeypatch.setattr(rechecking, "recheck", lost)
    with pytest.raises(Lost):
        await Runner(app.state.database, HANDLERS).run_waiting()
    watched = f"/v1/operations/{version['recheck_operation_id']}"
    half = await read(desk, watched)
    assert (half["status"], half["progress"]) == ("running", {"done": 1, "total": 3})
    clock.advance(seconds=31)
    assert await Runner(app.state.database, HANDLERS).run_waiting() == 1
    result = (await read(desk, watched))["result"]
    assert (result["sessions"], result["refused"]) == (3, 3)
    items = (await read(as_role("medical_director"), result["href"]))["items"]
    assert [each["position"] for each in items] == [1, 2, 3]
    assert len({each["session_id"] for each in items}) == 3


async def test_results_of_another_version_are_not_found(as_role, carry_out):
    version = await published(as_role)
    await carry_out()
    href = f"/v1/rule-sets/%s/recheck/{version['recheck_operation_id']}/sessions"
    client = as_role("medical_director")
    assert (await client.get(href % 2)).status_code == 200
    assert (await client.get(href % 1)).status_code == 404
    assert (await client.get((href % 2).replace("recheck", "backtests"))).status_code == 404
    assert (await as_role("other:medical_director").get(href % 2)).status_code == 404
