"""The case report as a pharmacovigilance officer reads it: on screen, on paper, as JSON."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made, make_patient
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]


@pytest.fixture
async def treated(as_role: AsRole, clinic: SeededClinic, clock: FakeClock) -> Answer:
    return await make_treated_plan(as_role, clinic, clock)


async def page_of(client: httpx.AsyncClient, effect: Answer) -> str:
    path = f"/v1/side-effects/{effect['id']}/report"
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def read_aloud(page: str) -> str:
    """What a person reads of it: no tags, one space between words."""
    body = page.split("<body>")[1].replace("</td>", " ").replace("</th>", " ")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


async def test_the_page_names_what_it_is_about_and_what_it_rests_on(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(8))
    nurse, director = as_role("nurse"), as_role("medical_director")
    effect = await make_effect(
        nurse, treated, code="AE_GRANULOMA", started_at=on_day(7), seriousness=["other_important"],
        areas=["SCALP_FRONTAL"], sides={"SCALP_FRONTAL": "left"},
        suspect_ingredient_codes=["BIOTIN"],
    )  # fmt: skip
    result = {"kind": "culture_mycobacteria", "result": "negative", "on": "2026-03-10",
              "note": "No growth so far."}  # fmt: skip
    entry = {"text": "Culture is back.", "results": [result]}
    await made(nurse, f"/v1/side-effects/{effect['id']}/follow-ups", entry)
    await send(director, effect, "review", {"causality": "possible", "comment": "Timing fits."})
    page = await page_of(director, effect)
    told = read_aloud(page)
    for words in (
        "Valid case: all four minimum criteria are met.",
        "Identifiable reporter Met",
        "Reported by Nurse, 2026-03-10",
        "Biotin (B7) (BIOTIN) 3.75 mg yes",
        "Dexpanthenol (pro-B5) (DEXPANTHENOL) 187.5 mg —",
        "[culture mycobacteria, 2026-03-10: negative. No growth so far.]",
        "Basis of both section 6.1 (evidence: ",
        "15 days after day 0: ICH E2D [ICH] (evidence: regulator)",
        "Serious due 2026-03-25 Runs",
        "Seriousness other important medical event",
        "Known frequency case reports only",
        "Case report: Foreign-body granuloma/nodule",
        "WHO-UMC possible. Timing fits.",
        "Where Scalp",
        "confidential health data",
    ):
        assert words in told, f"{words!r} is not in: {told}"
    assert "SCALP_FRONTAL" not in told, "an area has a name"
    assert "None" not in told
    style = page.split("<style>")[1].split("</style>")[0]
    for rule in ("@page { margin", "table-header-group", "break-inside: avoid", "counter(page)"):
        assert rule in style
    assert "<thead><tr><th scope=" in page, "a table that goes on repeats its head on each sheet"


async def test_what_a_case_lacks_is_said_in_words(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    nurse = as_role("nurse")
    stranger = await make_patient(nurse)
    report: Answer = {"patient_id": stranger["id"], "started_at": None}
    effect = await make_effect(nurse, treated, first_noticed_on="2026-03-01", **report)
    path = f"/v1/side-effects/{effect['id']}"
    shown = (await nurse.get(f"{path}/report")).json()
    assert (shown["valid"], shown["missing"]) == (False, ["suspect_product"])
    lacking = shown["minimum_criteria"]["suspect_product"]
    assert lacking == {"met": False, "missing": "Neither a session nor a suspect is known."}
    assert shown["clock_basis"] == []
    told = read_aloud(await page_of(nurse, effect))
    assert (
        "Not yet a valid case. Neither a session nor a suspect is known. "
        "Name a session, a suspect ingredient or a lot in a follow-up." in told
    )
    assert "Suspect product Missing: Neither a session nor a suspect is known." in told
    named = {"text": "It was the vitamin.", "suspect_ingredient_codes": ["BIOTIN"]}
    await made(nurse, f"{path}/follow-ups", named)
    shown = (await nurse.get(f"{path}/report")).json()
    assert (shown["valid"], shown["reporter"]) == (True, "Nurse")
    assert [(each["name"], each["dose"]) for each in shown["suspect_products"]] == [
        ("Biotin (B7)", None)
    ]
    assert [(each["code"], each["days"]) for each in shown["clock_basis"]] == [("non_serious", 90)]


async def test_a_report_in_error_says_so_first(
    as_role: AsRole, treated: Answer, clock: FakeClock
) -> None:
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated, reported_by="patient")
    assert "Reported by The patient, 2026-03-03" in read_aloud(await page_of(director, effect))
    wrong = {"reason": "Reported for <another> patient."}
    await send(director, effect, "entered-in-error", wrong)
    told = read_aloud(await page_of(director, effect))
    assert "This report was entered in error: Reported for <another> patient." in told
    assert "Valid case" not in told
