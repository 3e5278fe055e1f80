"""Numbers that people read aloud, counted per clinic."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from models.keys import within


class Counter(SQLModel, table=True):
    """The last number given out of one series, such as `patient_record`.

    Take the next one with a single UPDATE … RETURNING in the transaction that uses it. A table
    rather than a sequence: a rolled-back transaction leaves no gap, and each clinic has its own.
    """

    __tablename__ = "counter"
    __table_args__ = (within("value", 0, 2_000_000_000),)

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    name: str = Field(primary_key=True)
    value: int = 0
