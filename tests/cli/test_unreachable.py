"""A database that cannot be used: one sentence on standard error, and exit code 78."""

import pytest

from tests.empty_database import named

HUSH = "hush"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////proc/nowhere/x.sqlite3", "/proc/nowhere/x.sqlite3: no such file or directory"),
        ("sqlite:///note.txt/x.sqlite3", "note.txt/x.sqlite3: part of that path is a file"),
        ("sqlite:///folder", "No database can be at folder: is a directory"),
        ("sqlite:///note.txt", "(note.txt) cannot be used: the file is no SQLite database"),
        (f"postgresql://u:{HUSH}@127.0.0.1:1/x", "(127.0.0.1, port 1) cannot be used: nothing"),
        (f"postgresql+asyncpg://u:{HUSH}@nowhere.invalid/x", "no host of that name is known"),
        ("postgresql:///x?host=/nowhere", "(/nowhere, port 5432) cannot be used: nothing listens"),
        (f"mysql://u:{HUSH}@h/x", "ANAGEN_DATABASE_URL: this database, or this driver"),
    ],
)
def test_where_no_database_can_be(empty, url, told):
    (empty.folder / "folder").mkdir()
    (empty.folder / "note.txt").write_text("Certainly no database, however long one looks at it.")
    done = empty("db", "upgrade", ANAGEN_DATABASE_URL=url)
    assert (done.code, done.out) == (78, "")
    assert told in done.err
    assert "ANAGEN_DATABASE_URL" in done.err
    assert HUSH not in done.err
    assert len(done.err.strip().splitlines()) == 1 + ("not right" in done.err)


def test_a_folder_that_may_not_be_written_is_told(empty, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # the tests may run as root
    done = empty("db", "upgrade", ANAGEN_DATABASE_URL="sqlite:///here.sqlite3")
    assert (done.code, done.out) == (78, "")
    assert "the folder cannot be written" in done.err


@pytest.mark.usefixtures("on_sqlite")
def test_an_address_with_its_driver_is_the_same_database(anagen):
    with_driver = anagen.url.replace("sqlite:", "sqlite+aiosqlite:")
    done = anagen("db", "check", "--json", ANAGEN_DATABASE_URL=with_driver)
    assert (done.code, done.document["ok"]) == (0, True)
    assert anagen("db", "upgrade", ANAGEN_DATABASE_URL=with_driver).code == 0
    assert list(anagen.folder.iterdir()) == []


def test_a_database_that_was_never_made_is_told(empty, postgres_server):
    if postgres_server is None:
        pytest.skip("an embedded database is made")
    done = empty("db", "upgrade", ANAGEN_DATABASE_URL=named(postgres_server, "never_made"))
    assert (done.code, done.out) == (78, "")
    assert "there is no database of that name; create it first" in done.err
