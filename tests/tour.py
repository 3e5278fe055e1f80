"""Reading a page's requests and answers, and comparing an answer shown with the real one."""

import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

MORE = "…"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)"
_VARYING = re.compile(rf"({_UUID}|{_INSTANT}|\d{{4}}-\d\d-\d\d)")


@dataclass(frozen=True)
class Step:
    """A block of shell and what it prints: JSON, lines of text, or nothing."""

    shell: str
    kind: str | None
    shown: str


def steps(page: str, heading: str) -> list[Step]:
    """The shell blocks below `## heading`, each with the block of output that follows it."""
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: list[Step] = []
    for kind, text in _FENCE.findall(section):
        if kind == "sh":
            found.append(Step(text, None, ""))
        elif kind in {"json", "text"}:
            assert found[-1].kind is None, f"two outputs of one block: {text}"
            found[-1] = Step(found[-1].shell, kind, text)
    return found


def shortened(text: str) -> Any:
    """JSON in which `…` stands for further fields, further items, or any part of a string."""
    out, inside, quoted, escaped = [], [""], False, False
    for sign in text:
        if quoted:
            quoted, escaped = escaped or sign != '"', sign == "\\" and not escaped
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            inside.append(sign)
        elif sign in "}]":
            inside.pop()
        elif sign == MORE:
            sign = f'"{MORE}": 0' if inside[-1] == "{" else f'"{MORE}"'
        out.append(sign)
    return json.loads("".join(out))


@dataclass
class Comparison:
    """Everything shown must be there. An identifier stands for the same one on the whole page, a
    day for the day that lies as far from the other days; instants stand for any."""

    ids: dict[str, str] = field(default_factory=dict)
    shift: timedelta | None = None
    faults: list[str] = field(default_factory=list)

    def compare(self, shown: Any, real: Any, at: str) -> None:
        if isinstance(shown, dict) and isinstance(real, dict):
            self._objects(shown, real, at)
        elif isinstance(shown, list) and isinstance(real, list):
            self._arrays(shown, real, at)
        elif isinstance(shown, str) and isinstance(real, str):
            self._texts(shown, real, at)
        elif (type(shown), shown) != (type(real), real):
            self.faults.append(f"{at}: {shown!r} is shown, {real!r} was answered")

    def _objects(self, shown: dict[str, Any], real: dict[str, Any], at: str) -> None:
        names = set(shown) - {MORE}
        if MORE not in shown and set(real) != names:
            self.faults.append(f"{at}: has the fields {sorted(real)}")
        for name in sorted(names):
            if name in real:
                self.compare(shown[name], real[name], f"{at}/{name}")
            else:
                self.faults.append(f"{at}/{name}: was not answered")

    def _arrays(self, shown: list[Any], real: list[Any], at: str) -> None:
        cut = shown[-1:] == [MORE]
        wanted = shown[:-1] if cut else shown
        if len(real) < len(wanted) or (not cut and len(real) != len(wanted)):
            self.faults.append(f"{at}: has {len(real)} items")
        for place, (one, other) in enumerate(zip(wanted, real, strict=False)):
            self.compare(one, other, f"{at}/{place}")

    def _texts(self, shown: str, real: str, at: str) -> None:
        parts = _VARYING.split(shown)
        pattern = ""
        for place, part in enumerate(parts):
            literal = ".*".join(re.escape(each) for each in part.split(MORE))
            pattern += f"({_kind(part)})" if place % 2 else literal
        match = re.fullmatch(pattern, real, re.S)
        if match is None:
            self.faults.append(f"{at}: {shown!r} is shown, {real!r} was answered")
            return
        for one, other in zip(parts[1::2], match.groups(), strict=True):
            self._bind(one, other, at)

    def _bind(self, shown: str, real: str, at: str) -> None:
        if re.fullmatch(_UUID, shown) and self.ids.setdefault(shown, real) != real:
            self.faults.append(f"{at}: {shown} was another row before")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", shown) or shown == real:
            return
        shift = date.fromisoformat(real) - date.fromisoformat(shown)
        if self.shift is None:
            self.shift = shift
        if shift != self.shift:
            self.faults.append(f"{at}: {shown} is shown, {real} was answered, days apart")


def _kind(part: str) -> str:
    if re.fullmatch(_UUID, part):
        return _UUID
    return _INSTANT if "T" in part else r"\d{4}-\d\d-\d\d"
