"""The words by which a patient is found."""

from uuid import UUID

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from models.keys import belongs_to, indexed

# Byte order on both databases, so that `term >= 'mor' AND term < 'mos'` is a prefix search
# that walks the key, whatever language the server sorts in.
Term = String().with_variant(String(collation="C"), "postgresql")


class PatientSearchTerm(SQLModel, table=True):
    """One word of a name (no case, no accents), a record number or a phone number's digits.

    Rewritten with the patient. Finding by prefix costs the same in a clinic of any size.
    """

    __tablename__ = "patient_search_term"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        indexed("patient_id"),
    )

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    term: str = Field(primary_key=True, sa_type=Term)
    patient_id: UUID = Field(primary_key=True)
