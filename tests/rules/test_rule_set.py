"""Rule sets: strict to read, the same bytes again, and told precisely when wrong."""

import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.ingredient import Role
from rules.reference_data import reference_document, reference_rows, reference_rule_set
from rules.rule_set import look_back_days
from rules.rule_set_reader import (
    InvalidRuleSet,
    check,
    rule_set_from_document,
    rule_set_from_json,
    rule_set_to_json,
)
from rules.units import EVIDENCE
from tests.rules.cases import CODES, REFERENCE, changed, figure


def test_the_reference_has_every_table_of_the_clinical_reference():
    assert len(REFERENCE.ingredients) == 54
    assert len(REFERENCE.pairs) == 30
    assert len(REFERENCE.areas) == 24
    assert len(REFERENCE.techniques) == 12
    assert len(REFERENCE.effects) == 37
    assert len(REFERENCE.escalations) == 15
    assert REFERENCE.look_back_days == 90
    assert look_back_days([]) == 0


def test_the_reference_reads_without_a_problem():
    assert check(reference_document()) == []


def test_the_text_is_the_rule_set():
    text = rule_set_to_json(REFERENCE)
    again = rule_set_from_json(text)
    assert again.hash == REFERENCE.hash
    assert rule_set_to_json(again) == text
    assert rule_set_from_document(json.loads(text)).hash == REFERENCE.hash
    assert changed(figure("BIOTIN", "max_session", "21")).hash != REFERENCE.hash


def test_figures_are_exact_integers_in_their_scale():
    lidocaine = REFERENCE.ingredients["LIDOCAINE"]
    assert lidocaine.max_session_micro is not None
    assert lidocaine.max_per_kg_micro is not None
    assert lidocaine.max_concentration_milli is not None
    assert lidocaine.max_session_micro.value == 300_000_000
    assert lidocaine.max_per_kg_micro.value == 4_500_000
    assert lidocaine.max_concentration_milli.value == 20_000
    assert not lidocaine.max_session_micro.loosenable
    assert REFERENCE.ingredients["PDRN"].max_concentration_milli is None
    assert REFERENCE.ingredients["WATER_FOR_INJECTION"].role is Role.DILUENT
    assert REFERENCE.integer("mix.balance_tolerance") == 100
    assert REFERENCE.techniques["NAPPAGE"].min_spacing_um is not None
    assert REFERENCE.techniques["NAPPAGE"].min_spacing_um.value == 2_000
    assert REFERENCE.valid_from < date(2025, 1, 1)


def _figures(content: Any):
    if isinstance(content, dict):
        if {"value", "unit"} <= content.keys():
            yield content
        for each in content.values():
            yield from _figures(each)
    if isinstance(content, list):
        for each in content:
            yield from _figures(each)


def test_every_figure_is_sourced_and_limits_of_labels_cannot_be_loosened():
    found = list(_figures(reference_document()))
    assert len(found) > 300
    for each in found:
        assert each["source"].strip(), each
        assert each["evidence"] in EVIDENCE
    for row in reference_rows("ingredients"):
        for each in _figures(row):
            assert each["loosenable"] == (each["evidence"] not in ("label", "regulator")), row


def test_every_citation_is_in_the_register_of_sources():
    register = {row["key"] for row in reference_rows("sources")}
    text = json.dumps(reference_document(), ensure_ascii=False)
    cited = set(re.findall(r"\[([A-Za-z]+[A-Z0-9][A-Za-z0-9-]*)\]", text))
    assert len(cited) > 30
    assert cited - register == set()


def drop(table: str, place: int, *path: str) -> Any:
    def change(document: dict[str, Any]) -> None:
        row = document[table][place]
        for step in path[:-1]:
            row = row[step]
        del row[path[-1]]

    return change


def put(value: Any, *path: Any) -> Any:
    def change(document: dict[str, Any]) -> None:
        row: Any = document
        for step in path[:-1]:
            row = row[step]
        row[path[-1]] = value

    return change


LIDOCAINE = [row["code"] for row in reference_rows("ingredients")].index("LIDOCAINE")
AT = f"/ingredients/{LIDOCAINE}"


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        (drop("ingredients", LIDOCAINE, "max_session", "unit"), f"{AT}/max_session/unit",
         "missing"),
        (drop("ingredients", LIDOCAINE, "max_session", "source"), f"{AT}/max_session/source",
         "missing"),
        (put("mg/mL", "ingredients", LIDOCAINE, "max_session", "unit"), f"{AT}/max_session/unit",
         "must be mg"),
        (put("ug", "ingredients", LIDOCAINE, "max_session", "unit"), f"{AT}/max_session/unit",
         "must be mg"),
        (put("0.0000001", "ingredients", LIDOCAINE, "max_session", "value"),
         f"{AT}/max_session/value", "6 decimal places"),
        (put("-1", "ingredients", LIDOCAINE, "max_session", "value"), f"{AT}/max_session/value",
         "negative"),
        (put(300, "ingredients", LIDOCAINE, "max_session", "value"), f"{AT}/max_session/value",
         "must be a text"),
        (put("hearsay", "ingredients", LIDOCAINE, "max_session", "evidence"),
         f"{AT}/max_session/evidence", "must be one of"),
        (put("x", "ingredients", LIDOCAINE, "max_sesion"), f"{AT}/max_sesion", "not known"),
        (put("fine", "ingredients", LIDOCAINE, "status"), f"{AT}/status", "must be one of"),
        (put(None, "ingredients"), "/ingredients", "missing"),
        (put([5], "pairs"), "/pairs/0", "must be an object"),
        (put("2026-13-01", "valid_from"), "/valid_from", "must be a day"),
        (put("  ", "version"), "/version", "empty"),
        (put("h", "parameters", 1, "unit"), "/parameters/1/unit", "must be d"),
        (put("no.such", "parameters", 1, "key"), "/parameters/1/key", "must be one of"),
        (put("NO_SUCH", "rules", 0, "code"), "/rules/0/code", "no rule NO_SUCH"),
        (put(["NO_SUCH"], "pairs", 0, "a"), "/pairs/0", "no ingredient NO_SUCH"),
        (put("moonlight", "pairs", 0, "condition"), "/pairs/0/condition", "must be one of"),
        (put("NO_SUCH", "areas", 1, "parent"), "/areas/1/parent", "no area NO_SUCH"),
        (put(["BIOTIN"], "ingredients", LIDOCAINE, "aliases"), f"{AT}/aliases", "BIOTIN already"),
        (put(99, "effects", 0, "onset_from"), "/effects/0/onset_from", "after onset_to"),
        (put(-1, "effects", 0, "onset_from"), "/effects/0/onset_from", "negative"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(change, pointer, message):
    document = reference_document()
    change(document)
    found = check(document)
    assert [each.message for each in found if each.pointer == pointer and message in each.message]
    with pytest.raises(InvalidRuleSet):
        rule_set_from_document(document)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (figure("MINOXIDIL", "ceiling_concentration", "4"), "below the maximum"),
        (figure("DUTASTERIDE", "cumulative_max", "0.5"), "below the maximum"),
        (lambda d: d["parameters"].pop(0), "age.min_years is missing"),
        (lambda d: d["rules"].pop(0), "says nothing about PAT-AGE-MIN"),
        (lambda d: d["ingredients"].append(d["ingredients"][0]), "more than once"),
        (lambda d: d["ingredients"][0].pop("cumulative_window"), "go together"),
    ],
)
def test_contradictions_between_the_parts(change, message):
    document = reference_document()
    change(document)
    assert [each for each in check(document) if message in each.message]


@pytest.mark.parametrize("document", [None, [], 5, "x", {}, {"version": 1}])
def test_what_is_no_rule_set_at_all(document):
    assert check(document)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 10**40, "", "x", "1e999", [], [[]], {}, {"value": {}}]
)


@given(st.data(), JUNK)
@settings(max_examples=30, deadline=None)
def test_junk_anywhere_is_a_problem_and_never_an_accident(data, junk):
    document = reference_document()
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        deeper = isinstance(place[key], dict | list) and place[key]
        if not deeper or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = junk
    if check(document):
        with pytest.raises(InvalidRuleSet):
            rule_set_from_document(document)
    else:
        assert rule_set_from_document(document).ingredients


def test_all_rules_are_switched_on():
    assert reference_rule_set().active == changed(all_active=True).active == frozenset(CODES)
