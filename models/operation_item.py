"""What an operation found, row by row."""

from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, unique, within


class OperationItem(ClinicRecord, table=True):
    """One line of an operation's result, in the order of `position` from 1.

    topic: the word by which lines are picked, such as the code of a rule. kind: the other one,
    such as what happened to it. subject_id: the row it is about. data: canonical JSON, as the
    kind of the operation defines it.
    """

    __tablename__ = "operation_item"
    __table_args__ = (
        belongs_to("operation_id", "operation"),
        unique("operation_id", "position"),
        indexed("operation_id", "topic", "position"),
        indexed("operation_id", "subject_id"),
        within("position", 1, 1_000_000_000),
    )

    operation_id: UUID
    position: int
    topic: str
    kind: str
    subject_id: UUID
    data: str
