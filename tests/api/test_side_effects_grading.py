"""What grades mean in words, how bad shedding is, and what waits to be looked at."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    """A plan with one session, performed on 2 March 2026, and the lot that was used."""
    return await make_treated_plan(as_role, clinic, clock)


async def test_the_catalogue_says_what_each_grade_means(as_role: AsRole) -> None:
    items = (await as_role("nurse").get("/v1/side-effects/catalogue")).json()["items"]
    assert len(items) == 37, "all terms of section 6.1"
    by_code = {each["code"]: each for each in items}
    (bruising,) = by_code["AE_BRUISE"]["graded"]
    assert bruising["grades"] == [
        {"grade": 1, "text": "localised or dependent"},
        {"grade": 2, "text": "generalised"},
    ]
    fainting = {each["term"]: each["grades"] for each in by_code["AE_VASOVAGAL"]["graded"]}
    assert {"grade": 3, "text": "fainting"} in fainting["Syncope"]
    assert [each["grade"] for each in fainting["Presyncope"]] == [2]
    assert {each["grade_scale_version"] for each in items} == {"5.0"}


async def test_a_side_effect_shows_its_grade_in_words(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse = as_role("nurse")
    effect = await make_effect(nurse, treated, code="AE_BRUISE", grade=2)
    assert effect["grade_text"] == "generalised"
    undefined = await make_effect(nurse, treated, code="AE_BRUISE", grade=3)
    assert undefined["grade_text"] is None, "CTCAE has no grade 3 of bruising"


SIX = {"scale": "HAIR_SHEDDING_SCALE"}
NINE = {"scale": "HAIR_SHEDDING_VISUAL"}


@pytest.mark.parametrize(
    ("shedding", "severity"),
    [
        ({}, "S1"),
        ({"score_before": 3, "score": 3, **SIX}, "S0"),
        ({"score_before": 2, "score": 3, **SIX}, "S1"),
        ({"score_before": 2, "score": 4, **SIX}, "S2"),
        ({"score": 4, **SIX}, "S1"),
        ({"score": 5, **SIX}, "S2"),
        ({"score": 5, **NINE}, "S1"),
        ({"visible_thinning": True}, "S3"),
        ({"pattern": "patchy", "visible_thinning": True}, "S4"),
        ({"scarring_signs": True}, "S4"),
    ],
)
async def test_shedding_has_a_severity_of_its_own(
    as_role: AsRole, treated: Answer, clock: FakeClock, shedding: Answer, severity: str
) -> None:
    clock.set(on_day(20))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", started_at=on_day(18), shedding=shedding
    )
    assert effect["shedding_severity"] == severity


@pytest.mark.parametrize(("days", "severity"), [(90, "S1"), (91, "S3")])
async def test_shedding_that_lasts_is_worse(
    as_role: AsRole, treated: Answer, clock: FakeClock, days: int, severity: str
) -> None:
    clock.set(on_day(20))
    effect = await make_effect(
        as_role("nurse"), treated, code="AE_SHED_EARLY", started_at=on_day(18)
    )
    clock.set(on_day(18 + days))
    shown = await as_role("medical_director").get(f"/v1/side-effects/{effect['id']}")
    assert shown.json()["shedding_severity"] == severity
    assert (await make_effect(as_role("nurse"), treated))["shedding_severity"] is None


async def test_a_review_is_overdue_after_its_target_until_somebody_reviews(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(nurse, treated, grade=3)
    assert effect["review_due_at"] == "2026-03-04T12:00:00Z"

    async def overdue() -> list[str]:
        listed = await nurse.get("/v1/side-effects", params={"review_overdue": True})
        shown = (await nurse.get(f"/v1/side-effects/{effect['id']}")).json()
        ids = [each["id"] for each in listed.json()["items"]]
        assert shown["review_overdue"] is (ids == [effect["id"]])
        return ids

    clock.set(on_day(2))
    assert await overdue() == []
    clock.advance(seconds=1)
    assert await overdue() == [effect["id"]]
    review = {"causality": "possible", "comment": "Fits."}
    assert (await send(director, effect, "review", review)).status_code == 200
    assert await overdue() == []
    listed = await nurse.get("/v1/side-effects", params={"review_overdue": False})
    assert [each["id"] for each in listed.json()["items"]] == [effect["id"]]
