"""Counting what a version would have said, rule by rule."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from api.decisions.backtesting import WEIGHT


def change_of(before: str, after: str) -> str:
    """`stricter`, `looser` or `same`."""
    difference = WEIGHT[after] - WEIGHT[before]
    return "same" if difference == 0 else "stricter" if difference > 0 else "looser"


def is_told(said: str) -> bool:
    """Whether the rule found something."""
    return WEIGHT[said] > 0


@dataclass
class Tally:
    """What was counted so far; it is kept with each step, so that a takeover goes on counting."""

    rules: Counter[str] = field(default_factory=Counter)  # "CODE before after"
    verdicts: Counter[str] = field(default_factory=Counter)  # "then now"
    unreadable: int = 0
    shorter_history: int = 0
    lines: int = 0

    @classmethod
    def of(cls, plain: dict[str, Any] | None) -> Self:
        """As it was kept."""
        if plain is None:
            return cls()
        counters = {name: Counter(plain[name]) for name in ("rules", "verdicts")}
        return cls(**plain | counters)

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "rules": dict(self.rules),
            "verdicts": dict(self.verdicts),
            "unreadable": self.unreadable,
            "shorter_history": self.shorter_history,
            "lines": self.lines,
        }

    def count_verdicts(self, then: str, now: str) -> None:
        self.verdicts[f"{then} {now}"] += 1

    def count_rule(self, code: str, before: str, after: str) -> None:
        self.rules[f"{code} {before} {after}"] += 1

    def result(self) -> dict[str, Any]:
        """What the operation answers: verdicts and rules, before and after."""
        before, after = Counter[str](), Counter[str]()
        for pair, count in self.verdicts.items():
            then, now = pair.split()
            before[then] += count
            after[now] += count
        return {
            "verdicts": {"before": dict(before), "after": dict(after)},
            "rules": self._rules(),
            "unreadable": self.unreadable,
            "shorter_history": self.shorter_history,
        }

    def _rules(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, count in self.rules.items():
            code, before, after = key.split()
            row = found.setdefault(
                code, {"code": code, "before": {}, "after": {}, "stricter": 0, "looser": 0}
            )
            row["before"][before] = row["before"].get(before, 0) + count
            row["after"][after] = row["after"].get(after, 0) + count
            change = change_of(before, after)
            if change != "same":
                row[change] += count
        return sorted(
            found.values(), key=lambda row: (-row["stricter"] - row["looser"], row["code"])
        )
