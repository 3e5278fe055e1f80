"""Tighter or looser, figure by figure; and what a clinic's own version may therefore say."""

import copy
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from rules.catalogue import rule_named
from rules.finding import WEIGHT, Severity
from rules.reference_data import reference_document
from rules.rule_set_checks import KEYS
from rules.rule_set_difference import Change, difference
from rules.rule_set_direction import Direction
from rules.rule_set_publication import loosened, objections, reasons
from rules.rule_set_reader import check
from rules.strictness import FIGURES, MAY_BE_SWITCHED_OFF, PARAMETERS, TABLES, Kind
from rules.units import PARAMETER_UNITS

REFERENCE = reference_document()
TIGHTER, LOOSER, REWORDED = Direction.TIGHTER, Direction.LOOSER, Direction.REWORDED


def row(document: Any, table: str, key: str) -> Any:
    return next(each for each in document[table] if each[KEYS[table]] == key)


def altered(table: str, key: str, field: str, value: Any) -> Any:
    """The reference with one field of one row changed; without the field where it is None."""
    changed = {**row(REFERENCE, table, key), field: value}
    if value is None:
        del changed[field]
    rows = [changed if each[KEYS[table]] == key else each for each in REFERENCE[table]]
    return {**REFERENCE, table: rows}


def only(table: str, key: str, field: str, value: Any) -> Change:
    (change,) = difference(REFERENCE, altered(table, key, field, value))
    return change


# Compared on purpose as fixed: a change of them could go either way.
FIXED = {
    "ingredients": {"aliases", "attributes", "role", "unit"},
    "areas": {"parent"},
    "effects": {"ends_after"},
}
BY_KEY = {"ingredients": {"area_concentrations"}, "areas": {"product_volumes"}}


@pytest.mark.parametrize("table", TABLES)
def test_every_field_has_a_direction(table):
    there = {field for each in REFERENCE[table] for field in each} - {KEYS[table]}
    named = TABLES[table].keys() | FIXED.get(table, set()) | BY_KEY.get(table, set())
    assert there - named == set()
    for name, field in TABLES[table].items():
        values = [each[name] for each in REFERENCE[table] if each.get(name) is not None]
        figures = all(isinstance(each, dict) for each in values)
        assert not values or figures == (field.kind in FIGURES), name
        if field.kind is Kind.SCALE:
            assert set(values) <= set(field.scale), name


def test_every_parameter_has_a_direction():
    assert PARAMETERS.keys() == PARAMETER_UNITS.keys()
    assert {each.kind for each in PARAMETERS.values()} == {Kind.MAXIMUM, Kind.MINIMUM}


def test_every_table_is_compared():
    tables = {name for name, part in REFERENCE.items() if isinstance(part, list)}
    assert tables == TABLES.keys() | {"parameters"}
    assert difference(REFERENCE, copy.deepcopy(REFERENCE)) == []


def test_what_may_be_switched_off_rests_on_convention_and_never_blocks():
    for code in MAY_BE_SWITCHED_OFF:
        rule = rule_named(code)
        assert rule is not None, code
        assert Severity.BLOCK not in rule.severities, code
        assert rule.if_missing is not Severity.BLOCK, code
        assert rule.evidence in ("convention", "unsure"), code


def stepped(figure: dict[str, Any], step: int) -> dict[str, Any]:
    """The next value up or down that the unit can hold, at the figure's own precision."""
    value = Decimal(figure["value"])
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return figure | {"value": str(value + step * Decimal(1).scaleb(exponent))}


FIGURE_PLACES = [
    (table, each[KEYS[table]], name, TABLES[table][name].kind)
    for table in TABLES
    for each in REFERENCE[table]
    for name in each
    if name in TABLES[table] and TABLES[table][name].kind in FIGURES and each[name] is not None
]


def test_each_figure_is_tighter_on_one_side_and_looser_on_the_other():
    assert len(FIGURE_PLACES) > 250
    for table, key, name, kind in FIGURE_PLACES:
        figure = row(REFERENCE, table, key)[name]
        for step in (-1, 1):
            change = only(table, key, name, stepped(figure, step))
            tight = (step > 0) == (kind is Kind.MINIMUM)
            assert change.direction is (TIGHTER if tight else LOOSER), change
            assert change.may_loosen is figure["loosenable"]
            assert change.stale_source
        assert only(table, key, name, None).direction is LOOSER


@pytest.mark.parametrize("key", PARAMETERS)
def test_each_parameter_is_tighter_on_one_side(key):
    figure = row(REFERENCE, "parameters", key)
    for step in (-1, 1):
        (change,) = difference(
            REFERENCE, altered("parameters", key, "value", stepped(figure, step)["value"])
        )
        tight = (step > 0) == (PARAMETERS[key].kind is Kind.MINIMUM)
        assert change.direction is (TIGHTER if tight else LOOSER)
        assert change.may_loosen is figure.get("loosenable", True)


CONTRA = row(REFERENCE, "ingredients", "MINOXIDIL")["contra_block"]
LIMIT = {"value": "5", "unit": "mg/mL", "source": "own", "evidence": "convention"}


@pytest.mark.parametrize(
    ("table", "key", "field", "value", "direction"),
    [
        ("rules", "PAT-AGE-MIN", "active", "flip", None),
        ("ingredients", "MINOXIDIL", "status", "prohibited", TIGHTER),
        ("ingredients", "BUFLOMEDIL", "status", "allowed", LOOSER),
        ("ingredients", "MINOXIDIL", "session_severity", "block", TIGHTER),
        ("ingredients", "MINOXIDIL", "session_severity", "warn", LOOSER),
        ("ingredients", "MINOXIDIL", "contra_block", [*CONTRA, "EPILEPSY"], TIGHTER),
        ("ingredients", "MINOXIDIL", "contra_block", CONTRA[1:], LOOSER),
        ("ingredients", "MINOXIDIL", "contra_block", [*CONTRA[1:], "EPILEPSY"], LOOSER),
        ("ingredients", "MINOXIDIL", "allowed_areas", ["SCALP"], TIGHTER),
        ("ingredients", "MINOXIDIL", "composition_known", False, TIGHTER),
        ("ingredients", "MINOXIDIL", "attributes", ["vasodilator"], LOOSER),
        ("ingredients", "MINOXIDIL", "usual_dose", "1 mL", REWORDED),
        ("ingredients", "MINOXIDIL", "max_per_kg", LIMIT | {"unit": "mg/kg"}, TIGHTER),
        ("ingredients", "PDRN", "max_concentration", LIMIT, LOOSER),  # it was held up as unknown
        ("pairs", "P01", "scope", "visit", TIGHTER),
        ("pairs", "P01", "severity", "warn", LOOSER),
        ("pairs", "P01", "unless", ["BIOTIN"], LOOSER),
        ("pairs", "P01", "condition", "oil", LOOSER),
        ("pairs", "P03", "condition", None, TIGHTER),
        ("diagnoses", "L64", "suitability", "relative", TIGHTER),
        ("diagnoses", "L65.1", "suitability", "relative", LOOSER),
        ("areas", "SCALP", "sided", True, LOOSER),
        ("areas", "SCALP_MID", "parent", "FACE", LOOSER),
        ("wash_outs", "PRP", "same_area", False, TIGHTER),
        ("wash_outs", "LOCAL_STEROID", "with_ingredients", [], TIGHTER),
        ("wash_outs", "PRP", "with_ingredients", ["PRP"], LOOSER),
        ("escalations", "local_grade_1_in_window", "effect", "hold", TIGHTER),
    ],
)
def test_what_is_no_figure(table, key, field, value, direction):
    if value == "flip":
        value = not row(REFERENCE, table, key)[field]
        direction = TIGHTER if value else LOOSER
    change = only(table, key, field, value)
    assert change.direction is direction
    assert change.figure == f"{table}/{key}/{field}"


def test_rows_added_and_taken_away():
    without = copy.deepcopy(REFERENCE)
    gone = without["pairs"].pop(0)
    (lost,) = difference(REFERENCE, without)
    assert (lost.direction, lost.may_loosen, lost.pointer) == (LOOSER, False, "/pairs")
    (new,) = difference(without, REFERENCE)
    assert (new.direction, new.figure) == (TIGHTER, f"pairs/{gone['id']}")
    fewer = copy.deepcopy(REFERENCE)
    fewer["diagnoses"] = [each for each in fewer["diagnoses"] if each["icd10"] != "L65.1"]
    assert difference(fewer, REFERENCE)[0].direction is TIGHTER  # not suitable
    fewer["diagnoses"] = [each for each in fewer["diagnoses"] if each["icd10"] != "L64"]
    assert {each.direction for each in difference(fewer, REFERENCE)} == {TIGHTER, LOOSER}


def test_the_order_of_rows_and_words_does_not_matter():
    turned = copy.deepcopy(REFERENCE)
    for name, part in turned.items():
        if isinstance(part, list):
            turned[name] = part[::-1]
    row(turned, "ingredients", "MINOXIDIL")["contra_block"].reverse()
    assert difference(REFERENCE, turned) == []


def test_a_limit_of_one_area_is_compared_with_what_held_there_before():
    own: dict[str, Any] = {"area": "FACE", "limit": LIMIT | {"value": "10", "loosenable": False}}
    tight = only("ingredients", "LIDOCAINE", "area_concentrations", [own])
    assert (tight.direction, tight.before, tight.after) == (TIGHTER, "20 mg/mL", "10 mg/mL")
    assert tight.pointer.endswith("/area_concentrations/0/limit")
    own["limit"]["value"] = "21"
    loose = only("ingredients", "LIDOCAINE", "area_concentrations", [own])
    assert (loose.direction, loose.may_loosen) == (LOOSER, False)
    assert only("areas", "SCALP", "product_volumes", []).direction is TIGHTER


def test_a_change_in_words():
    half = row(REFERENCE, "ingredients", "DUTASTERIDE")["max_session"] | {
        "value": "0.5", "source": "[ABD-2009]"
    }  # fmt: skip
    change = only("ingredients", "DUTASTERIDE", "max_session", half)
    assert change.words == (
        "Dutasteride: maximum per session 1.0 mg → 0.5 mg (tighter); source: [ABD-2009]"
    )
    again = only("ingredients", "DUTASTERIDE", "max_session", half | {"value": "1.00"})
    assert (again.direction, again.after) == (REWORDED, "[ABD-2009]")
    assert {each.name for each in fields(Change)} >= {"before", "after", "source"}


def reasoned(document: Any, **given: str) -> Any:
    rows = [{"figure": name.replace("__", "/"), "reason": text} for name, text in given.items()]
    return document | {"loosened": rows}


def minoxidil(value: str) -> Any:
    figure = row(REFERENCE, "ingredients", "MINOXIDIL")["max_session"]
    changed = figure | {"value": value, "source": "own decision"}
    return altered("ingredients", "MINOXIDIL", "max_session", changed)


def test_objections_to_a_version():
    name = {"ingredients__MINOXIDIL__max_session": "A reason of enough characters."}
    assert objections(minoxidil("9"), REFERENCE, REFERENCE) == []
    (problem,) = objections(minoxidil("11"), REFERENCE, REFERENCE)
    assert problem.pointer == "/loosened/ingredients~1MINOXIDIL~1max_session"
    right = reasoned(minoxidil("11"), **name)
    assert check(right) == []
    assert objections(right, REFERENCE, REFERENCE) == []
    assert list(loosened(right, REFERENCE, REFERENCE)) == list(reasons(right))
    # What follows a looser version is as loose as it, and looser than the reference.
    assert objections(right, minoxidil("11"), REFERENCE) == []
    assert len(objections(minoxidil("11"), right, REFERENCE)) == 1
    assert len(objections(reasoned(minoxidil("9"), **name), REFERENCE, REFERENCE)) == 1
    # Going back to the reference from a tighter version is looser too.
    assert len(objections(minoxidil("10"), minoxidil("9"), REFERENCE)) == 2  # and its source


def all_figures(content: Any) -> Any:
    if isinstance(content, dict):
        if {"value", "unit"} <= content.keys():
            yield content
        content = list(content.values())
    for each in content if isinstance(content, list) else ():
        yield from all_figures(each)


def test_a_version_that_is_tighter_everywhere_needs_no_reason():
    document = copy.deepcopy(REFERENCE)
    for figure in all_figures(document):
        figure["source"] = "own decision"
    for table, key, name, kind in FIGURE_PLACES:
        if kind is Kind.MINIMUM:
            target = row(document, table, key)
            target[name] = stepped(target[name], 1)
    assert objections(document, REFERENCE, REFERENCE) == []
    assert loosened(document, REFERENCE, REFERENCE) == {}


def test_severities_are_in_order_from_loose_to_strict():
    scale = TABLES["pairs"]["severity"].scale
    assert [WEIGHT[Severity(each)] for each in scale if each] == [3, 2, 1, 0]
