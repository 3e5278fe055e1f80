"""`anagen rules`: the catalogue, readable in a terminal."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.console import FOUND_WRONG, USAGE, Json, emit, examples, out, stop

if TYPE_CHECKING:
    from rules.registry import Rule
    from rules.rule_set import RuleSet

app = typer.Typer(
    help="Read the rules; check a rule-set file.", no_args_is_help=True, rich_markup_mode=None
)
_CAUTION = "Figures are reference defaults, to be confirmed by the clinic's medical director."


@app.command("list", epilog=examples("anagen rules list", "anagen rules list --json"))
def list_rules(as_json: Json = False) -> None:
    """List the rules by family: code, worst severity, title."""
    from rules.catalogue import all_rules
    from rules.reference_data import reference_rule_set

    rule_set = reference_rule_set()
    rows = [_row(rule, rule_set) for rule in all_rules()]

    def lines() -> None:
        for row in rows:
            mark = " " if row["active"] else "·"
            out.print(f"{mark} [bold]{row['code']:28}[/] {row['severities'][0]:9} {row['title']}")
        out.print(f"[dim]· not active in the reference rule set. {_CAUTION}[/]")

    emit(rows, as_json, lines)


def _row(rule: "Rule", rule_set: "RuleSet") -> dict[str, Any]:
    return {
        "code": rule.code,
        "number": rule.number,
        "title": rule.title,
        "stages": [str(stage) for stage in rule.stages],
        "severities": [str(severity) for severity in rule.severities],
        "active": rule.code in rule_set.active,
    }


@app.command("explain", epilog=examples("anagen rules explain SPACING-MIN-INTERVAL"))
def explain(
    code: Annotated[str, typer.Argument(help="As in `anagen rules list`; in any case.")],
    as_json: Json = False,
) -> None:
    """Explain one rule: what it does, why, the figures in force, source, two examples."""
    from rules.catalogue import all_rules
    from rules.reference_data import reference_rule_set
    from rules.table_figures import table_figures

    rule = next((rule for rule in all_rules() if rule.code == code.upper()), None)
    if rule is None:
        stop("There is no such rule; see `anagen rules list`.", USAGE)
    rule_set = reference_rule_set()
    document = _row(rule, rule_set) | {
        "why": rule.why,
        "does": rule.does,
        "if_missing": rule.if_missing,
        "override_role": rule.override_role,
        "second_person": rule.second_person,
        "remedy": rule.remedy,
        "source": rule.source,
        "evidence": rule.evidence,
        "figures": [asdict(rule_set.parameters[key]) for key in rule.parameters],
        "table_figures": [asdict(row) for row in table_figures(rule.code, rule_set)],
        "passing": rule.passing,
        "failing": rule.failing,
    }
    emit(document, as_json, lambda: _print(rule, document))


def _print(rule: "Rule", document: dict[str, Any]) -> None:
    out.print(f"[bold]{rule.code}[/]  {rule.title}\n\n{rule.why}\n{rule.does}\n")
    out.print(f"Asked at:    {', '.join(document['stages'])}")
    out.print(f"Weighs:      {', '.join(document['severities'])}")
    out.print(f"If missing:  {rule.if_missing or 'nothing can be missing'}")
    if rule.override_role:
        second = ", never the one who proposed it" if rule.second_person else ""
        out.print(f"Override:    {rule.override_role.replace('_', ' ')}{second}")
    out.print(f"What to do:  {rule.remedy}")
    for figure in document["figures"]:
        _print_figure(figure["text"], figure)
    for figure in document["table_figures"]:
        _print_figure(f"{figure['key']}: {figure['value']}", figure)
    out.print(f"Source:      {rule.source} — {rule.evidence}")
    out.print(f"Passes:      {rule.passing}\nFails:       {rule.failing}\n[dim]{_CAUTION}[/]")


def _print_figure(text: str, figure: dict[str, Any]) -> None:
    unit = "" if figure["unit"] == "1" else f" {figure['unit']}"  # a ratio has none to read
    out.print(f"Figure:      {text}{unit}  [dim]{figure['source']} — {figure['evidence']}[/]")


@app.command("export", epilog=examples("anagen rules export > our-rules.json"))
def export() -> None:
    """Print the reference rule set as JSON: what a clinic's own version starts from."""
    from rules.reference_data import reference_rule_set

    print(json.dumps(json.loads(reference_rule_set().text), indent=2, ensure_ascii=False))


@app.command(
    "check", epilog=examples("anagen rules check our-rules.json", "anagen rules check - < it.json")
)
def check_file(
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="A rule set as JSON; - reads it.")],
    as_json: Json = False,
) -> None:
    """Say precisely what is wrong with a rule-set file, before anybody publishes it.

    Each problem has the place in the file (a JSON pointer) and what is wrong there: a missing
    unit or source, an unknown ingredient, bounds that contradict each other, a misspelt name.
    Exits with 1 where there are problems.
    """
    problems = _problems(file.read())

    def lines() -> None:
        for problem in problems:
            out.print(f"{problem['pointer'] or '/'}: {problem['message']}", markup=False)
        count = len(problems)
        wrong = f"{count} problem{'s' if count != 1 else ''}." if count else "No problems found."
        out.print(wrong, style="red" if problems else None)

    emit({"ok": not problems, "problems": problems}, as_json, lines)
    if problems:
        raise typer.Exit(FOUND_WRONG)


def _problems(content: bytes) -> list[dict[str, str]]:
    from rules.rule_set_reader import check

    try:
        document = _parsed(content.decode())
    except json.JSONDecodeError as error:
        return [
            {"pointer": "", "message": f"line {error.lineno}, column {error.colno}: {error.msg}"}
        ]
    except RecursionError:
        return [{"pointer": "", "message": "nested too deeply"}]
    except UnicodeDecodeError:
        return [{"pointer": "", "message": "must be UTF-8"}]
    except ValueError as error:
        return [{"pointer": "", "message": str(error)}]
    return [{"pointer": found.pointer, "message": found.message} for found in check(document)]


def _parsed(text: str) -> Any:
    """The JSON document; ValueError also where a name given twice would lose the first value."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [key for key, _ in pairs]
        twice = sorted({key for key in names if names.count(key) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]!r} is there twice in one object")
        return dict(pairs)

    def never(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=never)
