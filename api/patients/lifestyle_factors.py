"""Dated lifestyle factors: what else could explain the hair."""

from typing import Annotated

from pydantic import Field
from sqlmodel import col

from api.fields import Body, Day, Note
from api.paging import Order
from api.patients.code_lists import LifestyleCode
from api.patients.record_kind import RecordKind, RecordRead
from models import LifestyleFactor

EndedOn = Annotated[
    Day | None, Field(description="Last day; null while it goes on.", examples=["2026-02-14"])
]
Detail = Annotated[Note, Field(description="In words.", examples=["Straightening iron daily"])]


class LifestyleFactorCreate(Body):
    """A factor that began on a day: diet, heat styling, chemical treatment, sun, stress, illness.

    Such factors confound any judgement of shedding, whichever way it goes.
    """

    code: LifestyleCode
    detail: Detail | None = None
    started_on: Day = Field(description="First day, or the day it happened.")
    ended_on: EndedOn = None


class LifestyleFactorChange(Body):
    """When it ended, or null where it goes on after all; more detail."""

    ended_on: EndedOn = None
    detail: Detail | None = None


class LifestyleFactorRead(RecordRead):
    """A factor and its days."""

    code: str = Field(description="The factor.", examples=["HEAT_STYLING"])
    detail: str | None = Field(description="In words.")
    started_on: Day = Field(description="First day, or the day it was done.")
    ended_on: EndedOn


LIFESTYLE_FACTORS = RecordKind(
    noun="lifestyle_factor",
    path="lifestyle-factors",
    tag="Lifestyle factors",
    table=LifestyleFactor,
    draft=LifestyleFactorCreate,
    change=LifestyleFactorChange,
    answer=LifestyleFactorRead,
    newest_first=Order((col(LifestyleFactor.id),), descending=True),
    past=("started_on",),
    span=("started_on", "ended_on"),
)
