"""One run: who is due, one after the other."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from api.autobook.api import Api, GaveUp, NotAllowed, Unexpected, expect
from api.autobook.booking import Desk
from api.autobook.due import read_due
from api.autobook.options import Options
from api.autobook.report import Failed, Report

NEEDED_SCOPES = ("plans:read", "sessions:read", "sessions:schedule")
Tell = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Nobody is watching."""


async def autobook(api: Api, options: Options, tell: Tell = _silent) -> Report:
    """Book whoever is due, and report. tell: called with how many plans of how many are done.

    Raises NotAllowed where the key does not do, GaveUp where the server never answered; once
    plans are being booked, what stops the run is in the report, beside what was done until then.
    """
    report = await _begin(api, options)
    due = await read_due(api, options)
    report.due = len(due)
    asked = due if options.limit is None else due[: options.limit]
    desk = Desk(api, options, report.on)
    done = 0
    tell(done, len(asked))
    for each in asked:
        try:
            report.add(await desk.book(each))
        except Unexpected as error:
            report.add(Failed(each.plan_id, str(error)))
        except (GaveUp, NotAllowed) as error:
            report.stopped = str(error)
            break
        done += 1
        tell(done, len(asked))
    report.left = len(due) - done
    report.requests, report.retries = api.requests, api.retries
    report.waited_seconds = round(api.waited)
    return report


async def _begin(api: Api, options: Options) -> Report:
    """Whose clinic this is, and its day. Raises NotAllowed for a scope that will be missed."""
    me = expect(await api.get("/v1/auth/me"), 200)
    missing = [scope for scope in NEEDED_SCOPES if scope not in me["scopes"]]
    if missing:
        raise NotAllowed(f"The API key lacks {', '.join(missing)}.")
    return Report(me["clinic_name"], options.on or _today(me["time_zone"]), options.dry_run)


def _today(zone: str) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
