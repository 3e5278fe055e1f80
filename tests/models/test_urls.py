"""Addresses of databases: what is understood, and what is refused with what to write instead."""

from pathlib import Path

import pytest

from models.urls import async_url, place, sqlite_file


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///data/anagen.sqlite3", "data/anagen.sqlite3"),
        ("sqlite+aiosqlite:///data/anagen.sqlite3", "data/anagen.sqlite3"),
        ("sqlite:////data/anagen.sqlite3", "/data/anagen.sqlite3"),
        ("sqlite:///our%20clinic.sqlite3", "our clinic.sqlite3"),
    ],
)
def test_a_file_is_the_same_with_and_without_its_driver(url, file):
    assert sqlite_file(url) == Path(file)
    assert async_url(url) == f"sqlite+aiosqlite:///{file}"
    assert place(url) == file


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgresql_is_the_same_with_and_without_its_driver(scheme):
    url = f"{scheme}://anagen:p%40ss@db.example/clinic?sslmode=require"
    assert async_url(url) == "postgresql+asyncpg://anagen:p%40ss@db.example/clinic?ssl=require"
    assert sqlite_file(url) is None
    assert place(url) == "db.example, port 5432"
    assert place(f"{scheme}:///clinic?host=/run/postgresql") == "/run/postgresql, port 5432"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "cannot be read: write sqlite:///path"),
        ("anagen.sqlite3", "write sqlite:///path or postgresql://user:password@host/name"),
        ("mysql://u:hush@h/x", "not supported: write sqlite:///path or postgresql://"),
        ("postgresql+psycopg://u:hush@h/x", "driver for it, is not supported: write"),
        ("sqlite+pysqlite:///x", "driver for it, is not supported: write"),
        ("sqlite://", "SQLite needs a file: sqlite:///data/anagen.sqlite3"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("sqlite://anagen.sqlite3", "SQLite needs a file"),
        ("sqlite:///x?mode=ro", "a path and no options"),
        ("postgresql://u:hush@h:hush/x", "the port is no number"),
        ("postgresql://u:hush@h:65536/x", "from 1 to 65535"),
        ("postgresql://u:hush@hush@h/x", "written %40"),
    ],
)
def test_what_else_is_written_is_told_without_being_repeated(url, told):
    with pytest.raises(ValueError, match=r".") as refused:
        async_url(url)
    assert told in str(refused.value)
    assert "hush" not in str(refused.value)
