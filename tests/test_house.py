"""The rules of the house that no linter knows. Runs without a database, in about a second."""

import ast
import importlib
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "models", "rules", "alembic", "tests")
LOCKS = ("requirements.lock", "requirements-solver.lock", "requirements-dev.lock")
VENDORED = "api/docs_assets/"

TOP_LEVEL = {
    *PACKAGES,
    ".ci", ".dockerignore", ".env.example", ".gitignore", "benchmarks", "CHANGELOG.md",
    "compose.yaml", "CONTRIBUTING.md", "Dockerfile", "docs", "LICENSE", "Makefile",
    "pyproject.toml", "README.md",
    *LOCKS,
}  # fmt: skip

# Written in pieces, so that this file does not find itself.
FORBIDDEN_TEXT = {
    "a host of a package registry": re.compile(
        "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", r"npm" + r"js\.(org|com)"])
    ),
    "a path of one machine": re.compile(r"(?<![\w./-])/" + r"(work|root|home|Users)/\w"),
}


def tracked() -> list[str]:
    """Files that are, or are about to be, in the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode != 0:  # an unpacked archive has no history
        parts = [p for package in PACKAGES for p in (ROOT / package).rglob("*") if p.is_file()]
        return [str(path.relative_to(ROOT)) for path in parts if "__pycache__" not in path.parts]
    return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def sources(*packages: str) -> list[str]:
    return [n for n in tracked() if n.endswith(".py") and n.split("/")[0] in packages]


def calls(name: str) -> set[str]:
    """Every dotted name that the file calls."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_hashes_every_package(lock):
    text = (ROOT / lock).read_text()
    assert re.findall(r"://|--index|--extra-index|--find-links|^-e |^file:|@ ", text, re.M) == []
    pins = re.split(r"\n(?=[a-z0-9])", text)
    assert len(pins) > 30
    for pin in pins:
        assert re.match(r"[a-z0-9._-]+==\S+", pin), pin
        assert "--hash=sha256:" in pin, pin


def test_the_development_lock_agrees_with_the_one_that_ships():
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / lock).read_text(), re.M))

    for smaller, larger in pairwise(LOCKS):
        assert pins(smaller) <= pins(larger)


def test_alembic_is_the_library():
    assert not (ROOT / "alembic" / "__init__.py").exists()
    library = importlib.import_module("alembic")
    assert library.__file__ is not None
    assert ROOT / "alembic" not in Path(library.__file__).parents
    assert hasattr(importlib.import_module("alembic.command"), "upgrade")


def test_no_file_is_too_long():
    mine = [name for name in sources(*PACKAGES) if not name.startswith("alembic/versions/")]
    lengths = {name: (ROOT / name).read_text().count("\n") for name in mine}
    assert len(lengths) > 5
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_no_function_is_too_long():
    long = {}
    for name in sources("api", "models", "rules"):
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = ast.get_docstring(node) is not None
                first = node.body[1].lineno if documented and node.body[1:] else node.lineno
                lines = (node.end_lineno or first) - first + 1
                if lines > 40:
                    long[f"{name}:{node.lineno} {node.name}"] = lines
    assert long == {}


def test_files_are_named_for_what_is_in_them():
    drawer = re.compile(r"(^|/)(utils?|helpers?|common|crud|misc)(\.py|/)")
    assert [name for name in sources(*PACKAGES) if drawer.search(name)] == []


def test_the_top_level_is_tidy():
    assert {name.split("/")[0] for name in tracked()} - TOP_LEVEL == set()


def test_rules_use_no_float_and_no_clock():
    for name in sources("rules"):
        called = calls(name)
        clock = {c for c in called if re.search(r"\b(now|utcnow|today|time\.\w+)$", c)}
        assert called & {"float", "open", "print"} == set(), name
        assert clock == set(), name


def test_rules_hold_no_float_literal():
    for name in sources("rules"):
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        constants = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        assert [value for value in constants if isinstance(value, float)] == [], name


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_no_file_names(what):
    found = []
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if name.startswith(VENDORED) or b"\0" in content[:1024]:
            continue
        if FORBIDDEN_TEXT[what].search(content.decode("utf-8")):
            found.append(name)
    assert found == []


def test_the_image_runs_unprivileged_and_fetches_only_the_lock():
    dockerfile = (ROOT / "Dockerfile").read_text()
    instructions = re.findall(r"^([A-Z]+) ", dockerfile, re.M)
    assert "ADD" not in instructions
    assert "ARG" not in instructions  # a build argument is where secrets end up in layers
    assert re.search(r"^USER 10001:10001$", dockerfile, re.M)
    assert re.search(r"^HEALTHCHECK .*\n.*/health/ready", dockerfile, re.M)
    assert not re.search(r"\b(curl|wget|apt-get|git clone)\b", dockerfile)
    installs = re.findall(r"pip install .*", dockerfile)
    assert len(installs) == 1
    assert "--require-hashes --only-binary :all: -r /tmp/requirements.lock" in installs[0]


def test_compose_has_no_default_secret():
    compose = (ROOT / "compose.yaml").read_text()
    for secret in ("ANAGEN_SECRET_KEY", "POSTGRES_PASSWORD"):
        uses = re.findall(r"\$\{" + secret + r"([^}]*)\}", compose)
        assert uses
        assert all(use.startswith(":?") for use in uses), secret


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f'image.version="{project["version"]}"' in (ROOT / "Dockerfile").read_text()
    assert f"image: anagen:{project['version']}\n" in (ROOT / "compose.yaml").read_text()
    assert f'VERSION = "{project["version"]}"\n' in (ROOT / "api" / "main.py").read_text()
