"""Requests that nobody thought of, from the document itself, against the running product.

Schemathesis goes over the whole document, each operation as a role that may: examples, then random
requests, right ones and wrong ones; then boundary values, operation by operation, until its time
is over. No 5xx; no status, content type, header or body that the document does not declare. The
database is one in which the contracts' story was played, so that many requests name things that
exist. ANAGEN_LIVE_SECONDS is the time for boundary values: some 300 are enough for all of them.
"""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.scopes import ROLE_SCOPES, Role
from tests.contracts.operations import operations
from tests.contracts.story import called
from tests.contracts.world import given, play

pytestmark = pytest.mark.slow
SEED = 20260302
SECONDS = int(os.environ.get("ANAGEN_LIVE_SECONDS", "40"))
PATIENCE_SECONDS = 600  # with what has no time of its own, on however busy a machine
LOGGED = {
    "event", "level", "timestamp", "method", "route", "status", "milliseconds", "request_id",
}  # fmt: skip
# Text rules (no NUL, no lone surrogates) and exact decimals are stricter than a schema can say.
_REFUSALS = "400, 401, 403, 404, 409, 412, 415, 422, 428, 429"
_CONFIG = f"""
seed = {SEED}
continue-on-failure = true
workers = 1
hooks = "tests.live.schemathesis_hooks"

[generation]
max-examples = 2
database = "none"
no-shrink = true

[phases.stateful]
enabled = false

[checks]
positive_data_acceptance.expected-statuses = ["2xx", 304, {_REFUSALS}]
negative_data_rejection.expected-statuses = [405, 406, 413, {_REFUSALS}]
missing_required_header.expected-statuses = [{_REFUSALS}]
"""


def config(ids: dict[str, str]) -> str:
    """Most ids in paths, queries and bodies name what the story made; some do not."""
    lines = [_CONFIG]
    fields: dict[str, str] = {}
    for operation in operations().values():
        for name in operation.row_ids:
            if name != "record_id":
                fields[f"path.{name}"] = ids[called(operation, name)]
        for name in operation.body_ids & set(ids):
            fields[f"body.{name}"] = ids[name]
    for name in sorted({name.partition(".")[2] for name in fields}):
        value = next(v for key, v in fields.items() if key.endswith(f".{name}"))
        lines.append(f'[dictionaries.{name}]\nvalues = ["{value}"]')
    lines.append("[parameters]")
    lines += [
        f'"{key}" = {{ dictionary = "{key.partition(".")[2]}", probability = 0.9 }}'
        for key in sorted(fields)
    ]
    for operation in operations().values():
        if operation.endless:
            lines.append(
                f'[[operations]]\ninclude-operation-id = "{operation.id}"\nenabled = false'
            )
        if "record_id" in operation.row_ids:
            record = ids[called(operation, "record_id")]
            lines.append(
                f'[[operations]]\ninclude-operation-id = "{operation.id}"\n'
                f'parameters = {{ "path.record_id" = "{record}" }}'
            )
    return "\n".join(lines)


def operations_by_role() -> dict[str, list[str]]:
    """Who asks for what: the director for all that directors may, the owner for the rest; not
    for what never ends."""
    asked: dict[str, list[str]] = {"medical_director": [], "owner": []}
    for operation in (each for each in operations().values() if not each.endless):
        may = set(operation.scopes) <= ROLE_SCOPES[Role.MEDICAL_DIRECTOR]
        asked["medical_director" if may else "owner"].append(operation.id)
    return asked


def run(
    url: str, token: str, folder: Path, chosen: list[str], *options: str
) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file",
        str(folder / "schemathesis.toml"), "run", str(folder / "openapi.json"), f"--url={url}",
        "--no-color", "-H", f"Authorization: Bearer {token}", *options,
        *(f"--include-operation-id={each}" for each in chosen),
    ]  # fmt: skip
    root = Path(__file__).parents[2]
    environment = os.environ | {"ANAGEN_LIVE_TOKEN": token, "PYTHONPATH": str(root)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip


def test_no_request_gets_an_answer_that_the_document_does_not_declare(
    product, database_url, clinic, tmp_path
):
    print(f"seed {SEED}, {SECONDS} s of boundary values")
    ids = given(clinic, "", "OUR_SERUM")
    _, trouble = asyncio.run(play(database_url, clinic, "", ids))
    assert trouble == {}
    (tmp_path / "schemathesis.toml").write_text(config(ids))
    running = product(database_url)
    # It gives a server ten seconds for its document; on a busy machine that may not be enough.
    document = httpx.get(f"{running.url}/openapi.json", timeout=PATIENCE_SECONDS)
    (tmp_path / "openapi.json").write_bytes(document.content)
    for role, chosen in operations_by_role().items():
        token = clinic.tokens[role]
        done = run(running.url, token, tmp_path, chosen, "--phases=examples,fuzzing")
        check(role, done)
        (tested,) = re.findall(r"Tested: (\d+)", done.stdout)
        assert int(tested) == len(chosen), "the whole document"
    token, boundaries = clinic.tokens["medical_director"], f"--max-time={SECONDS}"
    check("boundaries", run(running.url, token, tmp_path, [], "--phases=coverage", boundaries))
    lines = running.lines()
    assert [line for line in lines if line["event"] == "failed"] == []
    assert {key for line in lines for key in line} <= LOGGED
    statuses = {line["status"] for line in lines if "status" in line}
    assert {200, 201, 404, 405, 422} <= statuses, sorted(statuses)  # it came to something


def check(what: str, done: subprocess.CompletedProcess[str]) -> None:
    """Nothing was found wrong, and something was tried."""
    failures = done.stdout.partition("= FAILURES =")[2] or done.stdout
    assert done.returncode == 0, f"{what}\n{failures[:20_000]}\n{done.stderr[-2000:]}"
    assert "Tested: " in done.stdout
