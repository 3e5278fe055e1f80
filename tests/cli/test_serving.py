"""Starting and ending the server; what it refuses to start on."""

import signal
import socket

import httpx
import pytest

pytestmark = pytest.mark.slow


def test_it_migrates_serves_and_ends_cleanly(anagen):
    address = anagen.start()
    assert httpx.get(f"{address}/health/live").status_code == 200
    assert anagen.stop(signal.SIGINT) == 0  # SIGTERM: test_stopping
    log = (anagen.folder / "server.log").read_text()
    assert f"Anagen on {address}" in log
    assert "Traceback" not in log


@pytest.mark.usefixtures("on_sqlite")
def test_an_embedded_database_is_migrated_by_the_start(empty):
    empty.start()
    assert empty.stop() == 0
    assert empty("db", "check", "--json").document["ok"] is True


def test_a_schema_that_is_behind_is_refused(empty, postgres_server):
    if postgres_server is None:
        pytest.skip("the embedded database is migrated instead")
    for words in (("serve",), ("demo",), ("audit", "verify")):
        done = empty.process(*words)
        assert done.code == 78
        assert "anagen db upgrade" in done.err
    assert empty("db", "check", "--json").document["schema_behind"] is True


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ANAGEN_ENVIRONMENT": "production"}, "ANAGEN_SECRET_KEY"),
        (
            {
                "ANAGEN_ENVIRONMENT": "production", "ANAGEN_RATE_LIMIT": "off",
                "ANAGEN_SECRET_KEY": "a-secret-of-our-own",
            },
            "ANAGEN_RATE_LIMIT",
        ),
        ({"ANAGEN_ARGON2_TIME_COST": "many"}, "ANAGEN_ARGON2_TIME_COST"),
        ({"ANAGEN_DATABASE_URL": "mysql://u:hush@h/x"}, "ANAGEN_DATABASE_URL"),
        ({"ANAGEN_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "database"),
    ],
)  # fmt: skip
def test_wrong_settings_end_with_78(empty, changes, told):
    done = empty.process("serve", **changes)
    assert (done.code, done.out) == (78, "")
    assert told in done.err
    assert "hush" not in done.err
    assert "Traceback" not in done.err


def test_a_port_in_use_is_told(anagen):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = anagen.process("serve", "--port", str(taken.getsockname()[1]))
    assert done.code == 1
    assert "--port" in done.err


def test_the_demo_does_not_touch_a_clinic(founded):
    done = founded("demo", "--json")
    assert (done.code, done.out) == (1, "")
    assert "only fills an empty one" in done.err
    assert len(founded("audit", "verify", "--json").document) == 1
