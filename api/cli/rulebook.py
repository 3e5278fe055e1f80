"""`anagen rules`: the catalogue, readable in a terminal."""

from dataclasses import asdict
from typing import Any

import typer

from api.cli.console import USAGE, Json, emit, out, stop
from rules.catalogue import all_rules
from rules.reference_data import reference_rule_set
from rules.registry import Rule
from rules.rule_set import RuleSet
from rules.table_figures import table_figures

app = typer.Typer(help="The rules, their figures and their sources.", no_args_is_help=True)
_CAUTION = "Figures are reference defaults, to be confirmed by the clinic's medical director."


@app.command("list")
def list_rules(as_json: Json = False) -> None:
    """List the rules by family order: code, stages, the worst severity, title."""
    rule_set = reference_rule_set()
    rows = [_row(rule, rule_set) for rule in all_rules()]

    def lines() -> None:
        for row in rows:
            mark = " " if row["active"] else "·"
            out.print(f"{mark} [bold]{row['code']:28}[/] {row['severities'][0]:9} {row['title']}")
        out.print(f"[dim]· not active in the reference rule set. {_CAUTION}[/]")

    emit(rows, as_json, lines)


def _row(rule: Rule, rule_set: RuleSet) -> dict[str, Any]:
    return {
        "code": rule.code,
        "number": rule.number,
        "title": rule.title,
        "stages": [str(stage) for stage in rule.stages],
        "severities": [str(severity) for severity in rule.severities],
        "active": rule.code in rule_set.active,
    }


@app.command("explain")
def explain(code: str, as_json: Json = False) -> None:
    """Explain one rule: what it does, why, the figures in force, source, two examples."""
    rule = next((rule for rule in all_rules() if rule.code == code.upper()), None)
    if rule is None:
        stop("There is no such rule; see `anagen rules list`.", USAGE)
    rule_set = reference_rule_set()
    figures = [asdict(rule_set.parameters[key]) for key in rule.parameters]
    document = _row(rule, rule_set) | {
        "why": rule.why,
        "does": rule.does,
        "if_missing": rule.if_missing,
        "override_role": rule.override_role,
        "second_person": rule.second_person,
        "remedy": rule.remedy,
        "source": rule.source,
        "evidence": rule.evidence,
        "figures": figures,
        "table_figures": [asdict(row) for row in table_figures(rule.code, rule_set)],
        "passing": rule.passing,
        "failing": rule.failing,
    }
    emit(document, as_json, lambda: _print(rule, document))


def _print(rule: Rule, document: dict[str, Any]) -> None:
    out.print(f"[bold]{rule.code}[/]  {rule.title}\n\n{rule.why}\n{rule.does}\n")
    out.print(f"Asked at:    {', '.join(document['stages'])}")
    out.print(f"Weighs:      {', '.join(document['severities'])}")
    missing = rule.if_missing or "nothing can be missing"
    out.print(f"If missing:  {missing}")
    if rule.override_role:
        second = ", never the one who proposed it" if rule.second_person else ""
        out.print(f"Override:    {rule.override_role.replace('_', ' ')}{second}")
    out.print(f"What to do:  {rule.remedy}")
    for figure in document["figures"]:
        out.print(
            f"Figure:      {figure['text']} {figure['unit']}  "
            f"[dim]{figure['source']} — {figure['evidence']}[/]"
        )
    for figure in document["table_figures"]:
        out.print(
            f"Figure:      {figure['key']}: {figure['value']} {figure['unit']}  "
            f"[dim]{figure['source']} — {figure['evidence']}[/]"
        )
    out.print(f"Source:      {rule.source} — {rule.evidence}")
    out.print(f"Passes:      {rule.passing}\nFails:       {rule.failing}\n[dim]{_CAUTION}[/]")
