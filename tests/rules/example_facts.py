"""The inputs of the worked examples as facts: one small function per rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from rules.arithmetic import exact
from rules.facts import Facts, Formula
from rules.stage import Stage
from tests.rules.cases import formula, line

Input = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """An example as the rule sees it; `change` sets the figures that it states."""

    stage: Stage
    facts: Facts
    change: Callable[[Input], None] | None = None


EXAMPLES: dict[str, Callable[[Input], Given]] = {}


def of(code: str, stated: Input) -> Given:
    return EXAMPLES[code](stated)


def told(code: str, computed: Input) -> list[str]:
    """The computed values that the message or the measured field must show."""
    keys = {
        "age_days", "age_years", "missing", "prohibited", "not_allowed", "dose_mg", "do_not_mix",
        "window_total_mg", "session_number", "ethanol_percent_vv", "products", "ph", "minutes",
        "ml_per_point", "total_ml", "interval_days", "days", "test_age_days", "match",
        "temperature_c", "days_open", "max_open_grade", "onset_day", "kit_age_days", "suspects",
        "mg_per_ml", "max_points", "due", "effective_max_mg", "max_mg",
    }  # fmt: skip
    skip = {"PAT-AGE-MIN": {"age_days"}}.get(code, set())
    found = []
    for key in keys & computed.keys() - skip:
        value = computed[key]
        for each in value if isinstance(value, list) else [value]:
            text = str(each)
            shown = text.rstrip("0").rstrip(".") if "." in text else text
            found.append(NAMES.get(text, shown))
    return found


NAMES = {
    "BUFLOMEDIL": "Buflomedil",
    "PHOSPHATIDYLCHOLINE_DC": "Phosphatidylcholine",
    "PENICILLIN": "PENICILLIN",
}


def example(code: str) -> Callable[[Callable[[Input], Given]], Callable[[Input], Given]]:
    def keep(read: Callable[[Input], Given]) -> Callable[[Input], Given]:
        EXAMPLES[code] = read
        return read

    return keep


def day(text: str) -> date:
    return date.fromisoformat(text)


def ul(text: str) -> int:
    return exact(text, 3)


def milli(text: str) -> int:
    return exact(text, 3)


def micro(text: str) -> int:
    return exact(text, 6)


def codes_of(i: Input) -> Formula:
    return formula(*(line(code, 1, 1_000) for code in i["formula"]))
