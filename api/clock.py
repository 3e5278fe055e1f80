"""Time, passed in: one instant per request, and the clinic's local day of an instant."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
SKEW = timedelta(minutes=5)  # a front end's clock may run a little fast


def utc_now() -> datetime:
    """The present instant in UTC. The only place of the product that asks the machine's clock."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of `instant` (aware) on the clinic's wall calendar."""
    return instant.astimezone(zone).date()
