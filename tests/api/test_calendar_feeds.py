"""Calendars that programs follow: parsed back as such a program would, and never too much said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from api.feeds.calendars import Entry
from api.feeds.icalendar_file import write
from models import CalendarFeed, FeedDetail, SessionState, TreatmentSession
from tests.factories_sessions import book, make_active_plan, make_treatable_patient, moved
from tests.following import fetch, make_calendar, parsed
from tests.queries import counted_queries

CANARIES = {
    "given_name": "Zebulon", "family_name": "Quackenbush", "phone": "+33698765432",
    "email": "zebulon@example.net",
}  # fmt: skip
TEN = "2026-03-03T10:00:00+01:00"


@pytest.fixture
async def booked(as_role, clinic):
    patient = await make_treatable_patient(as_role("practitioner"), **CANARIES)
    plan = await make_active_plan(as_role, clinic, patient=patient)
    return await book(as_role("receptionist"), plan, clinic, TEN, notes="Call Zebulon before.")


async def test_a_practitioners_calendar_says_when_and_not_with_whom(
    as_role, anonymous, clinic, booked
):
    owner = as_role("owner")
    mine = {"practitioner_id": str(clinic.staff["practitioner"])}
    calendar = await make_calendar(owner, **mine)
    answer = await fetch(anonymous, calendar)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    (event,) = parsed(answer.text)
    assert event["UID"] == f"{booked['id']}@{clinic.id}"
    assert event["SUMMARY"] == "Appointment"
    assert event.decoded("DTSTART") == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert (event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == (1, "CONFIRMED", "OPAQUE")
    assert "LOCATION" not in event
    assert "DTSTART:20260303T090000Z" in answer.text
    desk = await fetch(anonymous, await make_calendar(owner, detail="desk", **mine))
    (event,) = parsed(desk.text)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Session 1 (scheduled)", "Room 1")
    for text in (answer.text, desk.text):
        assert not [each for each in (*CANARIES.values(), booked["patient_id"]) if each in text]
    other = await make_calendar(owner, practitioner_id=str(clinic.staff["second:practitioner"]))
    assert parsed((await fetch(anonymous, other)).text) == []


async def test_a_rooms_calendar(as_role, anonymous, clinic, booked):
    rooms = [await make_calendar(as_role("owner"), room_id=str(room)) for room in clinic.room_ids]
    counts = [len(parsed((await fetch(anonymous, each)).text)) for each in rooms]
    assert counts == [1, 0]


async def test_a_cancelled_session_is_there_as_cancelled_for_30_days(
    as_role, anonymous, clinic, clock, booked
):
    calendar = await make_calendar(as_role("owner"), room_id=str(clinic.room_ids[0]))
    first = await fetch(anonymous, calendar)
    await moved(
        as_role("receptionist"), f"/v1/sessions/{booked['id']}", "cancel", {"reason": "Ill."}
    )
    second = await fetch(anonymous, calendar)
    (event,) = parsed(second.text)
    assert (event["STATUS"], event["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert event["SEQUENCE"] == 2
    assert second.headers["etag"] != first.headers["etag"]
    clock.advance(days=30)
    assert len(parsed((await fetch(anonymous, calendar)).text)) == 1
    clock.advance(seconds=1)
    assert parsed((await fetch(anonymous, calendar)).text) == []


async def test_what_has_not_changed_is_not_sent_again(as_role, anonymous, clinic, booked, app):
    calendar = await make_calendar(as_role("owner"), room_id=str(clinic.room_ids[0]))
    first = await fetch(anonymous, calendar)
    again = await fetch(anonymous, calendar)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    with counted_queries(app) as sent:
        unchanged = await fetch(anonymous, calendar, **{"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert len([each for each in sent if each.startswith("SELECT")]) == 3
    await moved(as_role("receptionist"), f"/v1/sessions/{booked['id']}", "confirm")
    changed = await fetch(anonymous, calendar, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_the_secret_is_shown_once_and_ends_when_revoked(as_role, anonymous, clinic):
    owner = as_role("owner")
    body = {"name": "Once", "room_id": str(clinic.room_ids[0])}
    key = {"Idempotency-Key": "calendar-1"}
    calendar = (await owner.post("/v1/calendars", json=body, headers=key)).json()
    replay = (await owner.post("/v1/calendars", json=body, headers=key)).json()
    assert calendar["secret"].startswith("agn_cal_")
    assert replay == calendar | {"secret": None}
    path = f"/v1/calendars/{calendar['id']}"
    shown = await owner.get(path)
    assert "secret" not in shown.json()
    assert calendar["secret"] not in (await owner.get("/v1/calendars")).text

    assert (await fetch(anonymous, calendar)).status_code == 200
    tag = {"If-Match": shown.headers["etag"]}
    assert (await owner.delete(path, headers=tag)).status_code == 204
    gone = await fetch(anonymous, calendar)
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/not-found")
    assert (await owner.get(path)).json()["revoked_at"] == "2026-03-02T08:00:00Z"


async def test_a_secret_is_no_credential_and_a_credential_no_secret(
    as_role, anonymous, clinic, booked
):
    calendar = await make_calendar(as_role("owner"), room_id=str(clinic.room_ids[0]))
    header = {"Authorization": f"Bearer {calendar['secret']}"}
    assert (await anonymous.get("/v1/sessions", headers=header)).status_code == 401
    wrong = (clinic.tokens["owner"], calendar["secret"][:-1], "agn_cal_x", "x")
    for secret in wrong:
        answer = await anonymous.get(f"/v1/calendars/{secret}.ics")
        assert answer.status_code == 404
        assert secret not in answer.text or secret == "x"


async def test_the_secret_is_in_no_log_line_and_no_problem(as_role, anonymous, clinic):
    calendar = await make_calendar(as_role("owner"), room_id=str(clinic.room_ids[0]))
    with capture_logs() as lines:
        found = await fetch(anonymous, calendar)
        missing = await anonymous.get(f"/v1/calendars/{calendar['secret']}x.ics")
        odd = await anonymous.get(f"/v1/calendars/{calendar['secret']}.ics?a=1")
        bare = await anonymous.get(f"/v1/calendars/{calendar['secret']}")
    statuses = [answer.status_code for answer in (found, missing, odd, bare)]
    assert statuses == [200, 404, 422, 404]
    assert {line["route"] for line in lines[:3]} == {"/v1/calendars/{feed_token}.ics"}
    for text in (str(lines), missing.text, odd.text, bare.text):
        assert calendar["secret"] not in text


async def test_ones_own_calendar_or_any_with_the_right(as_role, anonymous, clinic):
    practitioner, second = as_role("practitioner"), as_role("second:practitioner")
    own = {"practitioner_id": str(clinic.staff["practitioner"])}
    mine = await make_calendar(practitioner, **own)
    assert (await fetch(anonymous, mine)).status_code == 200
    body = {"name": "Theirs", **own}
    refused = await second.post("/v1/calendars", json=body)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "clinic:manage")
    for client, there in ((practitioner, 1), (second, 0), (as_role("owner"), 1)):
        assert len((await client.get("/v1/calendars")).json()["items"]) == there
    path = f"/v1/calendars/{mine['id']}"
    assert (await second.get(path)).status_code == 403
    assert (await second.delete(path, headers={"If-Match": '"1"'})).status_code == 403
    assert (await practitioner.get(path)).json()["name"] == "Appointments"


async def test_who_has_left_has_no_calendar(as_role, anonymous, clinic):
    owner = as_role("owner")
    staff = clinic.staff["second:practitioner"]
    calendar = await make_calendar(owner, practitioner_id=str(staff))
    path = f"/v1/staff/{staff}"
    tag = {"If-Match": (await owner.get(path)).headers["etag"]}
    left = await owner.patch(path, json={"active": False}, headers=tag)
    assert left.status_code == 200, left.text
    assert (await fetch(anonymous, calendar)).status_code == 404


@pytest.mark.parametrize("which", [(), ("practitioner_id", "room_id")])
async def test_it_is_one_persons_or_one_rooms(as_role, clinic, which):
    ids = {"practitioner_id": clinic.staff["practitioner"], "room_id": clinic.room_ids[0]}
    body = {"name": "Both"} | {name: str(ids[name]) for name in which}
    answer = await as_role("owner").post("/v1/calendars", json=body)
    assert answer.status_code == 422


TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"),
    min_size=1, max_size=120,
)  # fmt: skip


@settings(deadline=None)
@given(
    name=TEXTS.filter(str.strip),
    room=st.none() | TEXTS,
    state=st.sampled_from(SessionState),
    minutes=st.integers(1, 1440),
    starts_at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made UTC
)
def test_whatever_it_holds_it_parses_back(name, room, state, minutes, starts_at):
    starts_at = starts_at.replace(tzinfo=UTC, microsecond=0)
    session = TreatmentSession(
        clinic_id=uuid7(), plan_id=uuid7(), patient_id=uuid7(), practitioner_id=uuid7(),
        session_number=7, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes),
        scheduled_on=starts_at.date(), time_zone="UTC", state=state,
        recorded_by=uuid7(), recorded_at=starts_at, notes=CANARIES["email"],
    )  # fmt: skip
    feed = CalendarFeed(
        clinic_id=session.clinic_id, name=name, room_id=uuid7(), token_hash="",
        detail=FeedDetail.DESK,
    )  # fmt: skip
    body = write(feed, [Entry(session, room)])
    (event,) = parsed(body.decode())
    assert event["UID"] == f"{session.id}@{session.clinic_id}"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (starts_at, session.ends_at)
    assert str(event.get("LOCATION", "")) == (room or "")
    assert CANARIES["email"].encode() not in body
    assert str(session.patient_id).encode() not in body


async def test_the_file_is_only_read(as_role, anonymous, clinic):
    calendar = await make_calendar(as_role("owner"), room_id=str(clinic.room_ids[0]))
    for method in ("DELETE", "PUT", "POST", "OPTIONS"):
        answer = await anonymous.request(method, f"/v1/calendars/{calendar['secret']}.ics")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
