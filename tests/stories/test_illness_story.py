"""A practitioner is ill for a week, over HTTP: whose sessions they were, and who gets what is left.

Three courses run beside each other across the change to summer time. The desk asks for a repair,
reads what it would do to whom, and carries it out; a patient then gives a session up, and its time
is offered to somebody who waited.
"""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.factories import made
from tests.factories_calendars import open_clinic, week
from tests.factories_sessions import (
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.repairs.conftest import apply, propose

__all__ = ["propose"]

PARIS = ZoneInfo("Europe/Paris")
LATER = ["PLAN-REASSESS-DUE"]
ILL = {
    "from": "2026-04-06T00:00:00+02:00", "to": "2026-04-13T00:00:00+02:00",
    "reason": "Ill for a week.",
}  # fmt: skip


async def sessions_of(client, plan):
    query = {"plan_id": plan["id"], "limit": 200, "state": "scheduled"}
    return (await client.get("/v1/sessions", params=query)).json()["items"]


def days_of(sessions):
    return [date.fromisoformat(each["scheduled_on"]) for each in sessions]


async def test_the_story_of_an_illness(as_role, clinic, propose):
    owner, desk, doctor = as_role("owner"), as_role("receptionist"), as_role("practitioner")
    await open_clinic(owner, week("09:00", "13:00"), week("14:00", "18:00"))
    formula = await make_approved_formula(doctor, as_role("medical_director"))
    plans = []
    for name in ("Ada", "Luc", "Zoe", "Tim"):
        patient = await make_treatable_patient(doctor, given_name=name, family_name=f"Of {name}")
        plans.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    ill = str(clinic.staff["practitioner"])

    # Three whole courses with the same practitioner: weekly, every second week, monthly.
    for plan in plans[:3]:
        course = await desk.post(
            f"/v1/plans/{plan['id']}/course",
            json={"acknowledged": LATER, "practitioner_ids": [ill]},
        )
        assert (course.status_code, course.json()["booked"]) == (201, 11), course.text
    before = {plan["id"]: await sessions_of(desk, plan) for plan in plans[:3]}
    hit = [
        each
        for sessions in before.values()
        for each in sessions
        if "2026-04-06" <= each["scheduled_on"] < "2026-04-13"
    ]
    assert len(hit) == 3

    # What it would mean is told, and nothing has happened yet.
    proposal = await propose({"practitioner_id": ill}, **ILL)
    told = proposal.json()
    assert (told["affected"], told["placed"], told["gap"]) == (3, 3, "0.0000")
    assert {each["session_id"] for each in told["moves"]} == {each["id"] for each in hit}
    assert [await sessions_of(desk, plan) for plan in plans[:3]] == list(before.values())

    # Colleagues are there: nobody's day or hour changes. The illness is written down with it.
    assert {each["code"] for each in told["moves"]} == {"reassigned"}
    applied = await apply(owner, proposal, record_unavailability=True)
    assert applied.status_code == 200, applied.text
    for plan in plans[:3]:
        after = await sessions_of(desk, plan)
        assert [each["starts_at"] for each in after] == [
            each["starts_at"] for each in before[plan["id"]]
        ]
        gaps = [(later - earlier).days for earlier, later in pairwise(days_of(after))]
        least, most = [6] * 3 + [12] * 4 + [25] * 3, [10] * 3 + [18] * 4 + [35] * 3
        assert all(low <= gap <= high for low, gap, high in zip(least, gaps, most, strict=True))
        away = [each for each in after if "2026-04-06" <= each["scheduled_on"] < "2026-04-13"]
        assert ill not in {each["practitioner_id"] for each in away}
        starts = [datetime.fromisoformat(each["starts_at"]).astimezone(PARIS) for each in after]
        assert len({each.time() for each in starts}) == 1
        assert {each.utcoffset() for each in starts} == {timedelta(hours=1), timedelta(hours=2)}

    # Nobody books with who is ill, by hand or by script.
    slots = await desk.get(
        "/v1/slots",
        params={"duration_minutes": 30, "practitioner_id": ill, "from": ILL["from"],
                "to": "2026-04-12"},
    )  # fmt: skip
    assert slots.json()["items"] == []
    body = {
        "plan_id": plans[3]["id"], "starts_at": "2026-04-08T10:00:00+02:00",
        "duration_minutes": 30, "practitioner_id": ill,
    }  # fmt: skip
    refused = await desk.post("/v1/sessions", json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/outside-calendars")

    # Tim waits for his first session. Ada gives her second up, and he is offered its time.
    entry = await made(
        desk, "/v1/waitlist",
        {"plan_id": plans[3]["id"], "duration_minutes": 30, "until_on": "2026-03-31"},
    )  # fmt: skip
    second = before[plans[0]["id"]][1]
    await moved(desk, f"/v1/sessions/{second['id']}", "cancel", {"reason": "Travelling."})
    (offer,) = (await desk.get("/v1/waitlist/offers")).json()["items"]
    assert (offer["entry_id"], offer["starts_at"]) == (entry["id"], second["starts_at"])
    booked = await moved(desk, f"/v1/waitlist/offers/{offer['id']}", "accept")
    assert booked["plan_id"] == plans[3]["id"]
    assert [each["starts_at"] for each in await sessions_of(desk, plans[3])] == [
        second["starts_at"]
    ]
