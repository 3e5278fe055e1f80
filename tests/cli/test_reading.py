"""What is read in a terminal: help, settings, the rules, and what is wrong in a rule-set file."""

import json

import pytest

from rules.catalogue import all_rules
from tests.cli.conftest import Anagen

COMMANDS = [
    (), ("serve",), ("demo",), ("settings",), ("db",), ("db", "upgrade"), ("db", "check"),
    ("db", "backup"), ("db", "restore"), ("clinic", "create"), ("staff", "add"),
    ("api-key", "create"), ("api-key", "revoke"), ("rules", "list"), ("rules", "explain"),
    ("rules", "check"), ("rules", "export"), ("audit", "verify"),
]  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Anagen:
    """`anagen` where no database is needed."""
    folder = tmp_path_factory.mktemp("reader")
    return Anagen(f"sqlite:///{folder / 'none.sqlite3'}", folder)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_teaches(reader, words):
    done = reader(*words, "--help")
    assert done.code == 0
    assert f"Usage: anagen {' '.join(words)}".rstrip() in done.out
    if words != ("db",):
        assert "Examples:\n" in done.out


def test_settings_tell_their_origin_and_no_secret(reader):
    (reader.folder / ".env").write_text("ANAGEN_ACCESS_TOKEN_MINUTES=20\n")
    changes = {
        "ANAGEN_DATABASE_URL": "postgresql://anagen:hush@db.example.org/anagen",
        "ANAGEN_SECRET_KEY": "hush-hush-hush-hush",
    }
    done = reader("settings", "--json", **changes)
    rows = {row["variable"]: row for row in done.document}
    assert (
        rows["ANAGEN_DATABASE_URL"]["value"] == "postgresql://anagen:••••••@db.example.org/anagen"
    )
    assert rows["ANAGEN_SECRET_KEY"]["secret"] is True
    assert rows["ANAGEN_SECRET_KEY"]["origin"] == "environment"
    assert rows["ANAGEN_ACCESS_TOKEN_MINUTES"]["origin"] == ".env"
    assert rows["ANAGEN_ACCESS_TOKEN_MINUTES"]["value"] == "20"
    assert rows["ANAGEN_RATE_LIMIT"]["origin"] == "default"
    assert all(row["about"] for row in rows.values())
    assert "hush" not in done.out + reader("settings", **changes).out


def test_all_rules_are_listed_and_one_is_explained(reader):
    listed = reader("rules", "list", "--json").document
    assert [row["code"] for row in listed] == [rule.code for rule in all_rules()]
    told = reader("rules", "explain", "spacing-min-interval")
    assert told.code == 0
    for word in ("SPACING-MIN-INTERVAL", "Source:", "Passes:", "Fails:", "medical director"):
        assert word in told.out
    assert reader("rules", "explain", "NO-SUCH-RULE").code == 2


def test_the_exported_rule_set_has_no_problems(reader):
    exported = reader("rules", "export")
    assert exported.document["rules"]
    checked = reader("rules", "check", "-", "--json", stdin=exported.out)
    assert (checked.code, checked.document) == (0, {"ok": True, "problems": []})


def test_problems_of_a_rule_set_have_their_place(reader):
    document = reader("rules", "export").document
    del document["parameters"][0]["unit"]
    document["ingredients"][3]["source"] = ""
    document["sparkle"] = True
    (reader.folder / "ours.json").write_text(json.dumps(document))
    done = reader("rules", "check", "ours.json", "--json")
    assert done.code == 1
    assert done.document["ok"] is False
    pointers = {problem["pointer"] for problem in done.document["problems"]}
    assert pointers == {"/parameters/0/unit", "/ingredients/3/source", "/sparkle"}
    in_words = reader("rules", "check", "ours.json")
    assert in_words.code == 1
    assert "/parameters/0/unit: is missing" in in_words.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": 1,\n  nonsense}', "line 2, column 3"),
        ('{"version": "a", "version": "b"}', "twice"),
        ('{"version": NaN}', "NaN"),
        ("[" * 100_000, "deep"),
        ("[]", "must be an object"),
        ("", "line 1"),
    ],
)
def test_what_is_no_rule_set_is_told(reader, text, told):
    done = reader("rules", "check", "-", "--json", stdin=text)
    assert done.code == 1
    assert told in done.document["problems"][0]["message"]
    assert "Traceback" not in done.err


def test_a_file_that_is_not_there_is_wrong_use(reader):
    assert reader("rules", "check", "nowhere.json").code == 2
    assert reader("no-such-command").code == 2
