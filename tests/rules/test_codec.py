"""Canonical JSON: one text per value, an exact way back, nothing odd let in."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from rules.codec import NotCanonical, facts_from_json, facts_to_json
from rules.facts import Facts
from tests.rules.cases import DAY, sound_facts
from tests.rules.strategies import facts as any_facts


@given(any_facts())
@settings(max_examples=40)
def test_facts_survive_the_round_trip(facts):
    text = facts_to_json(facts)
    assert facts_from_json(text) == facts
    assert facts_to_json(facts_from_json(text)) == text


def test_the_text_is_sorted_dense_and_without_what_is_not_known():
    assert facts_to_json(Facts(on=date(2025, 6, 2))) == (
        '{"also_given":[],"holds":[],"on":"2025-06-02","own_ingredients":[],"retrospective":false}'
    )


def test_an_instant_is_kept_in_utc():
    paris = datetime(2025, 6, 2, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
    text = facts_to_json(Facts(on=DAY, at=paris))
    assert '"at":"2025-06-02T08:00:00.000000Z"' in text
    assert facts_from_json(text).at == paris


def test_a_naive_instant_has_no_text():
    with pytest.raises(NotCanonical):
        facts_to_json(Facts(on=DAY, at=datetime(2025, 6, 2, 10, 0)))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["on"], "2025-02-30"),
        (["on"], None),
        (["on"], 20250602),
        (["surprise"], 1),
        (["lots"], {}),
        (["patient", "weight_g"], "60000"),
        (["patient", "weight_g"], True),
        (["patient", "weight_g"], 60000.0),
        (["retrospective"], 1),
    ],
)
def test_anything_else_is_refused(path, value):
    content = json.loads(facts_to_json(sound_facts()))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(NotCanonical):
        facts_from_json(json.dumps(content))
