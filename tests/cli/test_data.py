"""Schema and data from a terminal: checked, backed up while in use, restored, tampered with."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import free_port

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("on_sqlite")]


def database(anagen) -> Path:
    return Path(anagen.url.removeprefix("sqlite:///"))


def names(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as opened:
        return {name for (name,) in opened.execute("SELECT family_name FROM patient")}


def unguard(opened: sqlite3.Connection) -> None:
    """What somebody must do first who wants to rewrite the audit log."""
    guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'"
    for (name,) in opened.execute(guards).fetchall():
        opened.execute(f"DROP TRIGGER {name}")


def test_a_backup_taken_while_a_clinic_writes_has_all_that_was_answered(founded, tmp_path):
    scopes = ("--scope=patients:read", "--scope=patients:write")
    key = founded("api-key", "create", "Desk", *scopes, "--json").document["secret"]
    address, enough = founded.start(), threading.Event()
    answered: list = []

    def write() -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=address, headers=headers, timeout=60) as desk:
            while not enough.is_set():
                name = f"Family {len(answered)}"
                body = {"given_name": "Ada", "family_name": name, "born_on": "1989-04-02"}
                query = {"allow_duplicate": "true"}
                answer = desk.post("/v1/patients", json=body | {"sex": "female"}, params=query)
                assert answer.status_code == 201, answer.text
                answered.append(name)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(answered) < 5:
            assert writer.is_alive()
        before, target = set(answered), tmp_path / "backup.sqlite3"
        done = founded.process("db", "backup", str(target), "--json")
        after = set(answered)
    finally:
        enough.set()
        writer.join()
    assert done.code == 0, done.err
    assert done.document["bytes"] == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(after) > len(before), "nothing was written during the backup"
    assert before <= names(target)

    in_use = founded("db", "restore", str(target), "--force")
    assert (in_use.code, "stop the server" in in_use.err) == (2, True)
    assert founded.stop() == 0
    written = names(database(founded))
    assert founded("db", "restore", str(target)).code == 2  # not without --force
    restored = founded("db", "restore", str(target), "--force", "--json")
    assert restored.code == 0, restored.err
    assert names(database(founded)) == names(target)
    assert names(Path(restored.document["kept"])) == written
    assert founded.process("audit", "verify").code == 0
    assert founded.process("db", "check").code == 0


def test_a_changed_record_is_found(founded):
    with closing(sqlite3.connect(database(founded))) as opened, opened:
        unguard(opened)
        opened.execute("UPDATE audit_event SET action = 'nothing.done' WHERE seq = 3")
    verified = founded("audit", "verify", "--json")
    assert verified.code == 1
    (chain,) = verified.document
    assert (chain["first_bad"], chain["problem"]) == (3, "the record was changed")
    checked = founded("db", "check", "--json")
    assert checked.code == 1
    assert any(name.startswith("audit_event.") for name in checked.document["missing"])
    refused = founded.process("serve", "--port", str(free_port()))
    assert refused.code == 78
    assert "audit_event" in refused.err


def test_records_cut_off_at_the_end_are_found(founded):
    with closing(sqlite3.connect(database(founded))) as opened, opened:
        unguard(opened)
        opened.execute("DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)")
    done = founded("audit", "verify")
    assert done.code == 1
    assert "missing at the end" in done.out


def test_what_is_no_backup_is_not_restored(founded, tmp_path):
    stranger = tmp_path / "stranger.sqlite3"
    stranger.write_bytes(b"not a database, but long enough to be looked at" * 100)
    before = database(founded).read_bytes()
    done = founded("db", "restore", str(stranger), "--force")
    assert done.code == 1
    assert "not usable" in done.err
    assert database(founded).read_bytes() == before
    assert founded("db", "restore", str(tmp_path / "nowhere"), "--force").code == 2


def test_a_backup_never_replaces_a_file(founded, tmp_path):
    target = tmp_path / "precious.txt"
    target.write_text("precious")
    assert founded("db", "backup", str(target)).code == 2
    assert target.read_text() == "precious"
    assert founded("db", "backup", str(tmp_path / "no" / "folder.sqlite3")).code == 2


def test_without_a_database_the_next_step_is_told(empty):
    for words in (("db", "check"), ("db", "backup", "x"), ("audit", "verify")):
        done = empty(*words)
        assert done.code == 78
        assert "There is no database" in done.err
    assert not database(empty).exists()


def test_the_database_is_for_its_owner_only(anagen):
    assert stat.S_IMODE(database(anagen).stat().st_mode) == 0o600
