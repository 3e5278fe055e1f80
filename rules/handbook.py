"""The rules as a document for people: what each does, why, its figures, both sides of its limit.

`python -m rules.handbook > docs/rules.md` writes it; a test keeps the file true.
"""

from collections.abc import Iterator

from rules.catalogue import all_rules
from rules.reference_data import reference_rule_set
from rules.registry import Rule
from rules.rule_set import RuleSet
from rules.table_figures import table_figures

_HEAD = """# The rules

All {count} rules of the catalogue with the figures of rule set `{version}`, in force from
{valid_from}. **Every figure is a reference default with its source and evidence mark, to be
confirmed, tightened or replaced by the clinic's medical director.** Keys in brackets are in the
register of sources; marks are `label`, `RCT`, `trial`, `case`, `review`, `consensus`, `regulator`,
`convention` and `unsure` (a proposed number).

A finding *blocks* (nobody can override), asks for an *override* (by the role named, with a coded
reason and a comment), *warns* (to be acknowledged) or is *info*. What is missing is never a pass.

This page is written by `python -m rules.handbook`; a clinic's own figures are at
`GET /v1/rules/{{code}}`.

"""


def handbook(figures: RuleSet) -> str:
    """The whole document as Markdown, in catalogue order."""
    head = _HEAD.format(
        count=len(all_rules()), version=figures.version, valid_from=figures.valid_from.isoformat()
    )
    index = "".join(
        f"| {rule.number} | [`{rule.code}`](#{rule.code.lower()}) | {rule.title} |\n"
        for rule in all_rules()
    )
    parts = "\n".join(section(rule, figures) for rule in all_rules())
    return f"{head}| # | rule | finding |\n| --- | --- | --- |\n{index}\n{parts}"


def section(rule: Rule, figures: RuleSet) -> str:
    """One rule with its figures in force."""
    return "\n".join(_lines(rule, figures)) + "\n"


def _lines(rule: Rule, figures: RuleSet) -> Iterator[str]:
    yield f"## {rule.code}\n\n**{rule.title}.** {rule.why}\n\n{rule.does}\n"
    if rule.code not in figures.active:
        yield "Not asked: this rule is switched off in this rule set.\n"
    yield f"- asked at: {', '.join(_words(stage.value) for stage in rule.stages)}{_bound(rule)}"
    yield f"- severity: {', '.join(severity.value for severity in rule.severities)}"
    missing = rule.if_missing.value if rule.if_missing else "nothing can be missing"
    yield f"- if something is missing: {missing}"
    yield f"- override: {_override(rule)}"
    yield f"- what to do: {rule.remedy}"
    yield f"- passes: {rule.passing}"
    yield f"- fails: {rule.failing}"
    yield f"- source: {rule.source} — {rule.evidence}"
    yield from _figures(rule, figures)


def _figures(rule: Rule, figures: RuleSet) -> Iterator[str]:
    own = [figures.parameters[key] for key in rule.parameters]
    rows = [(p.key, p.text, p.unit, p.source, p.evidence, p.loosenable) for p in own]
    rows += [
        (row.key, row.value, row.unit, row.source, row.evidence, row.loosenable)
        for row in table_figures(rule.code, figures)
    ]
    if not rows:
        return
    yield "\n| figure | value | source | evidence |\n| --- | --- | --- | --- |"
    for key, value, unit, source, evidence, loosenable in rows:
        hard = "" if loosenable else ", hard ceiling"
        shown = f"{value} {unit}" if unit != "1" else value
        yield f"| `{key}` | {shown} | {_cell(source)} | {evidence}{hard} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _words(code: str) -> str:
    return code.replace("_", " ")


def _bound(rule: Rule) -> str:
    return " (a formula only where it is tied to a patient)" if rule.patient_bound else ""


def _override(rule: Rule) -> str:
    if rule.override_role is None:
        return "nobody"
    second = ", never the person who proposed it" if rule.second_person else ""
    return f"{_words(rule.override_role)}{second}"


if __name__ == "__main__":
    import sys

    sys.stdout.write(handbook(reference_rule_set()))
