"""What a report carries beside its columns: one canonical JSON object per side effect.

`first` is what the first report said of everything that follow-ups may change, so that it stays
readable for ever; `sides` by area code; `shedding` as last told; `added` what each follow-up
added, by its id, results included; `because` why it was to be expected or not; `triggers` the
rows of the escalation table that applied when it was last judged; `sequelae` what remains. The
rules read `patchy`, `scarring`, `draining` and `shedding`.
"""

import json
from typing import Any

from api.side_effects.schemas import Shedding
from models import SideEffect

# The columns that show how things stand now; the first report's values are kept in `first`.
CHANGING = (
    "grade",
    "outcome",
    "action_taken",
    "treatment",
    "ended_at",
    "seriousness",
    "suspect_ingredient_codes",
)


def read_details(effect: SideEffect) -> dict[str, Any]:
    """The object; empty where nothing was kept."""
    found: dict[str, Any] = json.loads(effect.details) if effect.details else {}
    return found


def write_details(effect: SideEffect, details: dict[str, Any]) -> None:
    """Keep the object, without what is empty."""
    kept = {key: value for key, value in details.items() if value not in (None, {}, [])}
    effect.details = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def first_report(effect: SideEffect) -> dict[str, Any]:
    """What is kept under `first`, as JSON, taken from a report that nobody has followed up yet."""
    return effect.model_dump(mode="json", include=set(CHANGING))


def shedding_details(shedding: Shedding | None) -> dict[str, object]:
    """What was told of the shedding; `patchy` and `scarring` only where they were looked at."""
    if shedding is None:
        return {}
    told = shedding.model_dump(mode="json", exclude_none=True)
    details: dict[str, object] = {"shedding": told}
    if shedding.pattern is not None:
        details["patchy"] = shedding.pattern == "patchy"
    if shedding.scarring_signs is not None:
        details["scarring"] = shedding.scarring_signs
    return details
