"""kill -9 at several points of a run, and another run: each plan is booked once."""

import signal

import pytest

from tests.autobook.serving import POINTS, Command, Killing, served
from tests.autobook.test_booking import standing
from tests.factories_crowds import make_plans

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("number", "point"), [(1, POINTS[1]), (2, POINTS[0]), (3, POINTS[1]), (3, POINTS[2])]
)
async def test_killed_and_run_again(as_role, clinic, app, key, tmp_path, number, point):
    plans = await make_plans(as_role, clinic, 4)
    command = Command("", "", tmp_path)
    async with served(Killing(app, number, point, lambda: command.kill())) as address:
        command = Command(address, await key(), tmp_path)
        code, out, _ = await command("--json")
        assert (code, out) == (-signal.SIGKILL, "")
        report = await command.document()
    done = number if point == POINTS[2] else number - 1
    there = await standing(as_role)
    assert sorted(each["plan_id"] for each in there) == sorted(each["id"] for each in plans)
    told = [each["session_id"] for each in report["booked"]]
    assert set(told) <= {each["id"] for each in there}
    # What was carried out without an answer is due no more, or is answered again.
    assert 4 - done - 1 <= len(told) <= 4 - done
    assert report["ok"] is True


async def test_what_it_prints_and_how_it_ends(as_role, clinic, app, key, tmp_path):
    (plan,) = await make_plans(as_role, clinic, 1)
    async with served(app) as address:
        command = Command(address, await key(), tmp_path)
        code, out, err = await command("--dry-run")
        assert (code, err) == (0, "")  # progress is for terminals
        assert "1 would be booked" in out
        assert "0 for a person" in out
        assert await standing(as_role) == []
        practitioner = str(clinic.staff["practitioner"])
        nobody = str(clinic.staff["second:practitioner"])
        assert (await command.document("--practitioner", nobody))["due"] == 0
        report = await command.document("--limit", "1", "--practitioner", practitioner)
        assert [each["plan_id"] for each in report["booked"]] == [plan["id"]]
        assert report["dry_run"] is False

        code, out, err = await Command(address, "agn_key_x", tmp_path)("--json")
        assert (code, out) == (78, "")
        assert "does not accept" in err
        code, out, err = await Command(address, "", tmp_path)()
        assert (code, out) == (2, "")
        assert "ANAGEN_API_KEY" in err
        assert (await command("--url", "clinic"))[0] == 2
        assert (await command("--limit", "0"))[0] == 2
        assert (await command("--on", "tomorrow"))[0] == 2
    code, out, err = await command("--json", "--tries", "2")
    assert (code, out) == (1, "")
    assert "did not answer" in err
    assert "Traceback" not in err
