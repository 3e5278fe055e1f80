"""How often rules are overridden, by whom and why."""

import pytest

from tests.factories_sessions import book, booking, make_active_plan
from tests.queries import counted_queries

COMMENT = "Travelling next week; agreed after examination."
FIRST, TOO_SOON = "2026-03-03T09:00:00Z", "2026-03-08T09:00:00Z"
PATH = "/v1/overrides/summary"


@pytest.fixture
async def plan(as_role, clinic):
    plan = await make_active_plan(as_role, clinic)
    await book(as_role("receptionist"), plan, clinic, FIRST)
    return plan


async def overridden(client, plan, clinic, starts_at=TOO_SOON, reason="patient_travel"):
    """A booking with every finding overridden; the codes that were."""
    path, body = "/v1/sessions", booking(plan, clinic, starts_at)
    refused = await client.post(path, json=body)
    codes = sorted({each["code"] for each in refused.json()["findings"]})
    given = [{"code": code, "reason": reason, "comment": COMMENT} for code in codes]
    answer = await client.post(path, json=body | {"overrides": given})
    assert answer.status_code == 201, answer.text
    return codes


async def summary(as_role, query="", role="medical_director"):
    answer = await as_role(role).get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_nothing_overridden(as_role, plan):
    assert await summary(as_role) == {
        "first_on": "2025-12-03", "last_on": "2026-03-02", "overrides": 0, "rules": [],
    }  # fmt: skip


async def test_by_whom_why_and_in_which_share(as_role, clinic, plan):
    codes = await overridden(as_role("practitioner"), plan, clinic)
    assert "SPACING-MIN-INTERVAL" in codes
    found = await summary(as_role)
    rule = next(each for each in found["rules"] if each["code"] == "SPACING-MIN-INTERVAL")
    assert rule["overrides"] == 1
    assert rule["by"] == [
        {
            "staff_id": str(clinic.staff["practitioner"]),
            "display_name": "Practitioner",
            "overrides": 1,
        }
    ]
    assert rule["reasons"] == [{"reason": "patient_travel", "overrides": 1}]
    assert rule["decisions"] == 2  # the two bookings; neither a check-in nor an administration
    assert rule["share"] == "0.5000"
    assert rule["title"]
    assert found["overrides"] == sum(each["overrides"] for each in found["rules"])


async def test_what_was_refused_is_not_counted(as_role, clinic, plan):
    body = booking(plan, clinic, TOO_SOON)
    refused = await as_role("practitioner").post("/v1/sessions", json=body)
    assert refused.status_code == 409
    assert (await summary(as_role))["overrides"] == 0


async def test_most_often_first(as_role, clinic, plan):
    await overridden(as_role("practitioner"), plan, clinic)
    await overridden(as_role("medical_director"), plan, clinic, "2026-03-12T09:00:00Z", "other")
    rules = (await summary(as_role))["rules"]
    counts = [each["overrides"] for each in rules]
    assert counts == sorted(counts, reverse=True)
    spacing = next(each for each in rules if each["code"] == "SPACING-MIN-INTERVAL")
    assert [each["overrides"] for each in spacing["by"]] == [1, 1]
    assert [each["reason"] for each in spacing["reasons"]] == ["other", "patient_travel"]


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        ("?from=2026-03-02&to=2026-03-02", True),
        ("?from=2026-03-03&to=2026-03-03", False),
        ("?from=2026-03-01&to=2026-03-01", False),
        ("?from=2025-03-02&to=2026-03-02", True),
    ],
    ids=["the day", "the day after", "the day before", "366 days"],
)
async def test_both_days_are_included(as_role, clinic, plan, query, counted):
    await overridden(as_role("practitioner"), plan, clinic)
    assert ((await summary(as_role, query))["overrides"] > 0) is counted


async def test_a_day_is_the_clinics(as_role, clinic, plan, clock):
    """22:30 UTC on 2 March is 23:30 in Paris; half an hour later it is 3 March there."""
    clock.advance(hours=15)
    await overridden(as_role("practitioner"), plan, clinic)
    assert (await summary(as_role, "?from=2026-03-02&to=2026-03-02"))["overrides"] == 0
    assert (await summary(as_role, "?from=2026-03-03&to=2026-03-03"))["overrides"] > 0


@pytest.mark.parametrize(
    "query",
    ["?from=2026-03-02&to=2026-03-01", "?from=2025-03-01&to=2026-03-02", "?from=March"],
    ids=["reversed", "367 days", "not a day"],
)
async def test_days_that_cannot_be(as_role, query):
    answer = await as_role("owner").get(f"{PATH}{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/from"


@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("auditor", 200), ("nurse", 403), ("receptionist", 403)],
    ids=str,
)
async def test_who_may_see_it(as_role, role, status):
    assert (await as_role(role).get(PATH)).status_code == status


async def test_another_clinic_sees_its_own(as_role, clinic, plan):
    await overridden(as_role("practitioner"), plan, clinic)
    assert (await summary(as_role, role="other:medical_director"))["overrides"] == 0


async def test_the_number_of_queries_does_not_grow(app, as_role, clinic, plan):
    await overridden(as_role("practitioner"), plan, clinic)
    with counted_queries(app) as few:
        await summary(as_role)
    await overridden(as_role("practitioner"), plan, clinic, "2026-03-12T09:00:00Z", "other")
    with counted_queries(app) as more:
        await summary(as_role)
    assert len(more) == len(few)
