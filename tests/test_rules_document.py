"""The page of the rules is the rules: written by them, complete, and true."""

from pathlib import Path

from rules.catalogue import all_rules
from rules.handbook import handbook, section
from rules.reference_data import reference_rule_set
from rules.table_figures import table_figures

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"


def test_the_page_is_what_the_rules_say_of_themselves():
    written = PAGE.read_text(encoding="utf-8")
    hint = "write it again: python -m rules.handbook > docs/rules.md"
    assert written == handbook(reference_rule_set()), hint


def test_every_rule_tells_all_that_a_medical_director_asks():
    page, figures = PAGE.read_text(encoding="utf-8"), reference_rule_set()
    assert len(all_rules()) == 50
    for rule in all_rules():
        part = section(rule, figures)
        assert part in page
        for text in (rule.why, rule.does, rule.remedy, rule.passing, rule.failing, rule.source):
            assert text, rule.code
            assert text in part, rule.code
        for key in rule.parameters:
            assert f"| `{key}` | {figures.parameters[key].text}" in part


def test_figures_from_tables_read_as_the_reference_writes_them():
    figures = reference_rule_set()
    found = {row.key: row for row in table_figures("DOSE-ABS-MAX", figures)}
    lidocaine = found["ingredients.LIDOCAINE.max_session"]
    assert (lidocaine.value, lidocaine.unit, lidocaine.evidence) == ("300", "mg", "label")
    per_kg = {row.key: row.value for row in table_figures("DOSE-WEIGHT-MAX", figures)}
    assert per_kg["ingredients.LIDOCAINE.max_per_kg"] == "4.5"
    days = {row.key: row.value for row in table_figures("SPACING-INGREDIENT-MIN", figures)}
    assert days["ingredients.DUTASTERIDE.min_interval"] == "28"
    spacing = {row.key: row.value for row in table_figures("TECH-POINT-DENSITY", figures)}
    assert spacing["techniques.NAPPAGE.min_spacing"] == "0.2"
    assert table_figures("ROLE-FOUR-EYES", figures) == ()
