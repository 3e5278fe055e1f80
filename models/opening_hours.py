"""When the clinic is open, week by week."""

from datetime import date

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import indexed, ordered, within


class OpeningHours(ClinicRecord, table=True):
    """One span of one weekday (1 = Monday … 7 = Sunday), in minutes of the local day.

    Local wall-clock time: a daylight-saving change moves the instant, not the hour.
    `closes_minute` 1440 is midnight at the end of the day. Valid from `valid_from` to
    `valid_to`, both days included; null is open-ended.
    """

    __tablename__ = "opening_hours"
    __table_args__ = (
        within("weekday", 1, 7),
        within("opens_minute", 0, 1439),
        within("closes_minute", 1, 1440),
        CheckConstraint("closes_minute > opens_minute", name="closes_after_opening"),
        ordered("valid_from", "valid_to"),
        indexed("weekday"),
    )

    weekday: int
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_to: date | None = None
