"""Other treatments beside mesotherapy, past and present."""

from typing import Annotated

from pydantic import Field
from sqlmodel import col

from api.fields import Body, Day, Line, Note
from api.paging import Order
from api.patients.code_lists import AreaCode, TherapyCode
from api.patients.record_kind import RecordKind, RecordRead
from models import Therapy

EndedOn = Annotated[
    Day | None, Field(description="Last day; null while it goes on.", examples=["2026-01-31"])
]
Dosage = Annotated[Line, Field(description="Strength and use.", examples=["5 %, twice daily"])]


class TherapyCreate(Body):
    """A treatment used before or beside mesotherapy; its days decide wash-out intervals.

    `NO_OTHER_THERAPY` records that the patient was asked and uses none.
    """

    code: TherapyCode
    area: AreaCode | None = None
    dosage: Dosage | None = None
    started_on: Day = Field(description="First day, or the day it was done.")
    ended_on: EndedOn = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class TherapyChange(Body):
    """When it ended, or null where it goes on after all; another dosage, other remarks."""

    ended_on: EndedOn = None
    dosage: Dosage | None = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class TherapyRead(RecordRead):
    """Another treatment and its days."""

    code: str = Field(description="The treatment.", examples=["TOPICAL_MINOXIDIL"])
    area: str | None = Field(description="Body area.", examples=["SCALP"])
    dosage: str | None = Field(description="Strength and use.")
    started_on: Day = Field(description="First day, or the day it was done.")
    ended_on: EndedOn
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


THERAPIES = RecordKind(
    noun="therapy",
    path="therapies",
    tag="Therapies",
    table=Therapy,
    draft=TherapyCreate,
    change=TherapyChange,
    answer=TherapyRead,
    newest_first=Order((col(Therapy.id),), descending=True),
    past=("started_on",),
    span=("started_on", "ended_on"),
)
