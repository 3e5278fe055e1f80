"""The case report as a page that people read and print.

It stands alone: no script, no other address, one style whose hash is in the page's own
Content-Security-Policy. Every word of it is escaped.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from api.side_effects.case_answers import CaseReport, MinimumCriteria
from api.side_effects.report_parts import Part, parts

STYLE = """
:root { color-scheme: light; }
body { font: 11pt/1.45 system-ui, "Segoe UI", Roboto, sans-serif; color: #1a1a1a;
  max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; border-bottom: 1px solid #999; }
p.state { padding: .5rem .75rem; border-left: .35rem solid; background: #f4f4f4; }
p.valid { border-color: #1b6e3a; }
p.incomplete { border-color: #a32020; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
th[scope=row] { width: 32%; font-weight: 600; }
footer { margin-top: 2rem; font-size: .85rem; color: #444; }
@page { margin: 18mm; @bottom-right { content: counter(page) " / " counter(pages); } }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  tr, p { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_NOTE = (
    "Due days and windows are internal targets and reference defaults, each with its evidence "
    "mark, to be confirmed by the clinic's medical director; the legal duty is set nationally. "
    "Causality scales are judgements, not measurements."
)


def wants_page(accept: str) -> bool:
    """Whether a client that sends this Accept header would rather have the page than JSON."""
    weights = dict(_weight(each) for each in accept.lower().split(",") if each.strip())
    page = weights.get("text/html", 0.0)
    return page > 0 and page >= weights.get("application/json", 0.0)


def _weight(entry: str) -> tuple[str, float]:
    kind, *options = (part.strip() for part in entry.split(";"))
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "q":
            try:
                return kind, float(value)
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def report_page(report: CaseReport, zone: ZoneInfo) -> str:
    """The whole document; instants in the clinic's time zone."""
    effect = report.side_effect
    title = f"Case report: {effect.term[:1].upper()}{effect.term[1:]}"
    prepared = local(report.prepared_at, zone)
    body = "".join(_section(part) for part in parts(report, lambda at: local(at, zone)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>"
        f"<p>{escape(report.clinic_name)} · prepared {escape(prepared)} · confidential health "
        "data</p>"
        f"{_state(report)}{body}</main>"
        f"<footer><p>Case {effect.id}, version {effect.version}. {escape(_NOTE)}</p></footer>"
        "</body></html>"
    )


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as the clinic's clocks show it; empty where there is none."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _state(report: CaseReport) -> str:
    if report.side_effect.entered_in_error_at is not None:
        why = escape(report.side_effect.entered_in_error_reason or "")
        return f'<p class="state incomplete">This report was entered in error: {why}</p>'
    if report.valid:
        return '<p class="state valid">Valid case: all four minimum criteria are met.</p>'
    lacking = " ".join(_lacking(report.minimum_criteria))
    return f'<p class="state incomplete">Not yet a valid case. {escape(lacking)}</p>'


def _lacking(four: MinimumCriteria) -> Iterator[str]:
    """One sentence for each criterion that is not met, with what would meet it."""
    for criterion, remedy in (
        (four.patient, "Nothing identifies the patient any longer."),
        (four.reporter, "Name who reports it."),
        (four.suspect_product, "Name a session, a suspect ingredient or a lot in a follow-up."),
        (four.event, "Give the event a term."),
    ):
        if not criterion.met:
            yield f"{criterion.missing} {remedy}"


def _section(part: Part) -> str:
    body = _table(part.columns, part.rows) if part.columns else _facts(part.rows)
    return f"<section><h2>{escape(part.title)}</h2>{body}</section>"


def _facts(rows: Iterable[Sequence[str]]) -> str:
    lines = (
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value) or "—"}</td></tr>'
        for name, value in rows
    )
    return f"<table>{''.join(lines)}</table>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    lines = ("".join(f"<td>{escape(cell) or '—'}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
