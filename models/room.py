"""Where sessions take place."""

from models.base import ClinicRecord
from models.columns import codes
from models.keys import unique


class Room(ClinicRecord, table=True):
    """A treatment room, for one session at a time. An inactive one is kept for its past."""

    __tablename__ = "room"
    __table_args__ = (unique("name"),)

    name: str
    features: tuple[str, ...] = codes()
    active: bool = True
