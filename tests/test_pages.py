"""What the written pages point at is there: files, tests, rules, paths of the API."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI

from rules.catalogue import rule_named

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), *map(ROOT.joinpath, ("README.md", "CONTRIBUTING.md"))]
)
COVERAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
every = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def functions_of(name: str) -> frozenset[str]:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def rows() -> list[list[str]]:
    """The cells of each claim's row."""
    lines = [line for line in COVERAGE.splitlines() if re.match(r"\| C\d\d \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def code(page: Path) -> list[str]:
    """What is written as code, outside of fenced blocks."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", text)


@every
def test_every_link_leads_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)]
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


@every
def test_every_file_and_test_that_is_named_exists(page: Path):
    named = [each.split("::")[0] for each in code(page) if re.match(r"(tests|rules|api)/", each)]
    assert [name for name in named if not (ROOT / name).exists()] == []
    tests = TEST.findall(page.read_text(encoding="utf-8"))
    assert [f"{file}::{name}" for file, name in tests if name not in functions_of(file)] == []


@every
def test_every_rule_that_is_named_is_in_the_catalogue(page: Path):
    codes = [each for each in code(page) if re.fullmatch(r"[A-Z]{2,8}(-[A-Z0-9]+)+", each)]
    codes = [each for each in codes if not each.startswith("P-")]  # protocols
    assert [each for each in codes if rule_named(each) is None] == []


def test_the_thirty_claims_are_covered_each_by_a_test():
    assert [row[0] for row in rows()] == [f"C{number:02}" for number in range(1, 31)]
    for _, claim, held, shown, _later in rows():
        assert claim
        assert "`" in held or "table" in held, claim
        assert TEST.search(shown), claim


def test_every_path_of_the_coverage_page_is_in_the_api(wired: FastAPI):
    named = set(re.findall(r"`(/v1/[^` :]+)`", COVERAGE))
    assert len(named) > 15
    assert named - set(wired.openapi()["paths"]) == set()
