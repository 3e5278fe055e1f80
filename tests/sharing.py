"""How the processes of a run share the tests, and which come first.

Tests of one file stay together, in one process, so that what they begin with is made once; so do
those that the contracts' story was told for.
"""

import gc
from typing import Any

import pytest

# What takes longest begins first, so that the processes of a run end together.
LONGEST_FIRST = (
    "tests/live/test_schemathesis", "tests/test_contracts", "tests/contracts/", "tests/live/",
    "tests/races/", "tests/repairs/", "tests/test_readme", "tests/test_demo", "tests/autobook/",
    "tests/availability/", "tests/models/", "tests/cli/", "tests/stories/", "tests/rules/",
    "tests/api/",
)  # fmt: skip
STORY = ("tests/test_contracts", "tests/contracts/")


def company(nodeid: str) -> str:
    """The name of those that a test stays together with."""
    return "story" if nodeid.startswith(STORY) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Company by company. The library's own groups go by a suffix of the test's name, which
    pytest no longer takes."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = company
    return scheduler


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order of the tests; on PostgreSQL, only those that ask a database."""
    places = {place: number for number, place in enumerate(LONGEST_FIRST)}

    def begins(item: pytest.Item) -> int:
        name = item.nodeid
        return min(
            (n for place, n in places.items() if name.startswith(place)), default=len(places)
        )

    items.sort(key=begins)
    if config.getoption("--postgres") or config.getoption("--postgres-url"):
        asking = [item for item in items if "postgres_server" in _fixtures(item)]
        asked = set(asking)
        config.hook.pytest_deselected(items=[item for item in items if item not in asked])
        items[:] = asking


def pytest_collection_finish() -> None:
    """What was imported and collected stays: leave it out of every later garbage collection, of
    which there are fewer than by default."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _fixtures(item: pytest.Item) -> list[str]:
    names: list[str] = getattr(item, "fixturenames", [])
    return names
