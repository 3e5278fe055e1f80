"""The script on a line that loses answers, a server that is busy, and rivals that are faster."""

import asyncio
from datetime import date

import httpx
import pytest

from api.autobook import Api, GaveUp, Patience
from api.autobook.due import Due
from api.autobook.keys import of_course, of_session
from api.rate_limit import RequestLimiter
from tests.autobook.test_booking import standing
from tests.conftest import settings_for
from tests.factories_crowds import make_plans
from tests.factories_sessions import booking


def is_booking(request):
    return request.method == "POST" and request.url.path == "/v1/sessions"


def once(wanted, what):
    """A fault of the first request that is wanted, and of no other."""
    happened = False

    async def fault(request, through):
        nonlocal happened
        if happened or not wanted(request):
            return None
        happened = True
        return await what(request, through)

    return fault


async def lost(request, through):
    """It arrives and is carried out; its answer does not come back."""
    answer = await through(request)
    await answer.aread()
    assert answer.status_code < 300
    raise httpx.ReadTimeout("lost", request=request)


def refused(status, **headers):
    async def answer(request, through):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, headers=names, json={}, request=request)

    return answer


async def cut(request, through):
    raise httpx.ConnectError("cut", request=request)


async def test_an_answer_that_is_lost_books_once(as_role, clinic, script):
    await make_plans(as_role, clinic, 2)
    script.line.faults = [once(is_booking, lost)]
    report = await script()
    assert [each.replayed for each in report.booked] == [True, False]
    assert report.retries == 1
    assert len(await standing(as_role)) == 2
    first, second, _ = (each.headers["idempotency-key"] for each in script.line.bookings())
    assert first == second


@pytest.mark.parametrize(
    "what",
    [refused(500), refused(503, Retry_After="1"), refused(502), cut],
    ids=["500", "503", "502", "cut"],
)
async def test_what_passes_is_waited_for(as_role, clinic, script, what):
    await make_plans(as_role, clinic, 1)
    script.line.faults = [once(lambda _: True, what), once(is_booking, what)]
    report = await script()
    assert (len(report.booked), report.retries, report.ok) == (1, 2, True)
    assert len(script.slept) == 2


async def test_it_waits_as_long_as_it_is_told(as_role, clinic, script):
    await make_plans(as_role, clinic, 1)
    script.line.faults = [once(is_booking, refused(429, Retry_After="42"))]
    report = await script()
    assert len(report.booked) == 1
    assert script.slept == [42.0]
    assert report.waited_seconds == 42


async def test_it_stops_asking_before_it_is_refused(as_role, clinic, script):
    """`RateLimit` says that nothing is left until the window ends."""
    await make_plans(as_role, clinic, 1)

    async def last(request, through):
        answer = await through(request)
        answer.headers["ratelimit"] = '"default";r=0;t=17'
        return answer

    script.line.faults = [once(lambda request: request.url.path == "/v1/slots", last)]
    assert len((await script()).booked) == 1
    assert script.slept == [17.0]


async def test_the_servers_own_limit_is_never_hit(as_role, clinic, script, app):
    """Five requests a minute: the script waits each time before it would be told to."""
    await make_plans(as_role, clinic, 3)
    settings = settings_for("sqlite:///unused", rate_limit="on", requests_per_minute=5)
    limiter = RequestLimiter(settings)
    app.state.request_limiter = limiter
    script.meanwhile = limiter.limiter.storage.reset
    report = await script()
    app.state.request_limiter = None
    assert (len(report.booked), report.retries, report.ok) == (3, 0, True)
    assert len(script.slept) == report.requests // 5 >= 1
    assert all(0 < seconds <= 61 for seconds in script.slept)


async def test_the_same_request_still_running_is_waited_for(as_role, clinic, script):
    await make_plans(as_role, clinic, 1)

    async def running(request, through):
        problem = {"type": "/problems/idempotency-in-progress", "status": 409}
        return httpx.Response(409, json=problem, headers={"retry-after": "1"}, request=request)

    script.line.faults = [once(is_booking, running)]
    report = await script()
    assert (len(report.booked), script.slept) == (1, [1.0])


async def test_a_slot_that_somebody_took_is_not_the_last(as_role, clinic, script):
    mine, theirs = await make_plans(as_role, clinic, 2)
    desk = as_role("receptionist")
    await desk.post("/v1/sessions", json=booking(theirs, clinic, "2026-03-20T10:00:00Z"))

    async def faster(request, through):
        """Whoever asks for this practitioner at that time finds them reserved."""
        wanted = request.read()
        body = httpx.Response(200, content=wanted).json()
        kept = {name: body[name] for name in ("starts_at", "duration_minutes", "practitioner_id")}
        assert (await desk.post("/v1/reservations", json=kept)).status_code == 201

    script.line.faults = [once(is_booking, faster)]
    (booked,) = (await script()).booked
    assert booked.plan_id == mine["id"]
    first, second = (each.headers["idempotency-key"] for each in script.line.bookings())
    assert first != second


@pytest.mark.parametrize("moment", ["/v1/slots", "/v1/sessions"])
async def test_who_is_booked_meanwhile_is_not_booked_again(as_role, clinic, script, moment):
    """Between the worklist and the plan's turn, or a moment before it is booked, the desk books."""
    (plan,) = await make_plans(as_role, clinic, 1)
    desk = as_role("receptionist")

    async def faster(request, through):
        body = booking(plan, clinic, "2026-03-20T10:00:00Z")
        assert (await desk.post("/v1/sessions", json=body)).status_code == 201

    script.line.faults = [once(lambda request: request.url.path == moment, faster)]
    report = await script()
    assert [each.plan_id for each in report.settled] == [plan["id"]]
    assert (report.booked, report.ok) == ([], True)
    assert len(await standing(as_role)) == 1


async def test_two_at_once_book_each_plan_once(as_role, clinic, script):
    plans = await make_plans(as_role, clinic, 4)
    reports = await asyncio.gather(script(), script())
    there = await standing(as_role)
    assert sorted(each["plan_id"] for each in there) == sorted(each["id"] for each in plans)
    told = {each.session_id for report in reports for each in report.booked}
    assert told == {each["id"] for each in there}


async def test_a_server_that_goes_away_ends_the_run_with_what_was_done(as_role, clinic, script):
    await make_plans(as_role, clinic, 3)
    seen = 0

    async def gone(request, through):
        nonlocal seen
        seen += is_booking(request)
        return await cut(request, through) if seen > 1 else None

    script.line.faults = [gone]
    report = await script()
    assert (len(report.booked), report.left, report.ok) == (1, 2, False)
    assert "ConnectError" in report.stopped
    assert len(script.slept) == Patience().tries - 1
    script.line.faults = []
    assert len((await script()).booked) == 2
    assert len(await standing(as_role)) == 3


async def test_an_answer_nobody_foresaw_is_of_one_plan_only(as_role, clinic, script):
    await make_plans(as_role, clinic, 2)
    script.line.faults = [once(is_booking, refused(422))]
    report = await script()
    assert (len(report.booked), len(report.failed), report.ok) == (1, 1, False)
    assert "/v1/sessions answered 422" in report.failed[0].reason


async def test_it_does_not_wait_for_hours():
    async def later(request):
        return httpx.Response(429, headers={"retry-after": "7200"}, json={})

    async with httpx.AsyncClient(transport=httpx.MockTransport(later), base_url="http://x") as http:
        with pytest.raises(GaveUp, match="7200 seconds"):
            await Api(http).get("/v1/auth/me")


async def test_nothing_is_written_without_a_key():
    async with httpx.AsyncClient(base_url="http://x") as http:
        with pytest.raises(ValueError, match="Idempotency-Key"):
            await Api(http).post("/v1/sessions", {})


def test_keys_are_of_day_plan_number_and_slot():
    due = Due("p", "x", None, "due", "normal", "", 2, "", None)
    body = {"starts_at": "a", "duration_minutes": 30, "practitioner_id": "d", "room_id": None}
    on = date(2026, 3, 2)
    key = of_session(on, due, body)
    assert key == of_session(on, due, dict(reversed(body.items())))
    assert key.startswith("autobook-20260302-")
    others = {
        of_session(date(2026, 3, 3), due, body),
        of_session(on, Due("q", "x", None, "due", "normal", "", 2, "", None), body),
        of_session(on, Due("p", "x", None, "due", "normal", "", 3, "", None), body),
        of_session(on, Due("p", "x", None, "due", "normal", "", 2, "", "fell"), body),
        of_session(on, due, body | {"starts_at": "b"}),
        of_session(on, due, body | {"room_id": "r"}),
        of_course(on, due),
    }
    assert len(others | {key}) == 8
