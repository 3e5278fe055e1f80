"""The register of sources: what a bracketed key in a `source` text stands for (section 9)."""

import re
from dataclasses import dataclass
from functools import cache

from rules.reference_data import reference_rows

_KEY = re.compile(r"\[([A-Za-z0-9-]+)\]")


@dataclass(frozen=True, slots=True)
class Citation:
    """A source. seen: what of it was read for the reference, or that it was recalled."""

    key: str
    citation: str
    seen: str


def citations_in(source: str) -> tuple[Citation, ...]:
    """The sources that a text cites, in its order, each once; unknown keys are left out."""
    keys = dict.fromkeys(_KEY.findall(source))
    return tuple(_register()[key] for key in keys if key in _register())


@cache
def _register() -> dict[str, Citation]:
    return {row["key"]: Citation(**row) for row in reference_rows("sources")}
