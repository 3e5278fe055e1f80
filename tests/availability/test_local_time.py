"""Local times against a clock on the wall that is read minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.availability.local_time import AmbiguousLocalTime, NoSuchLocalTime, instant_of
from tests.availability.test_weekly import HARD

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("name", "first", "_why"), HARD, ids=[each[2] for each in HARD])
def test_a_local_time_is_none_one_or_two_instants_as_the_clocks_show_it(name, first, _why):
    zone = ZoneInfo(name)
    begin = datetime.combine(first, datetime.min.time(), UTC) - timedelta(days=2)
    shown: dict[datetime, list[datetime]] = {}
    for number in range(9 * 1440):
        at = begin + number * MINUTE
        shown.setdefault(at.astimezone(zone).replace(tzinfo=None, fold=0), []).append(at)
    wall = datetime.combine(first, datetime.min.time())
    for number in range(5 * 1440):
        local = wall + number * MINUTE
        instants = shown.get(local, [])
        if len(instants) == 1:
            assert [instant_of(local, fold, zone, "") for fold in (None, 0, 1)] == instants * 3
        elif instants:
            assert [instant_of(local, fold, zone, "") for fold in (0, 1)] == instants
            with pytest.raises(AmbiguousLocalTime):
                instant_of(local, None, zone, "")
        else:
            for fold in (None, 0, 1):
                with pytest.raises(NoSuchLocalTime):
                    instant_of(local, fold, zone, "")
