"""Measurements: weight, shedding scores and the other outcome measures, exactly as taken."""

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.fields import Body, Day, Instant, Name, Note, Number, plain, to_decimal, to_int
from api.paging import Order, PageQuery
from api.patients.code_lists import MeasurementKind
from api.patients.measures import MEASURES, Scale
from api.patients.record_kind import RecordKind, RecordRead
from api.problems import invalid
from api.security import Caller
from models import ClinicalRecord, Measurement, TreatmentSession

_WEIGHT_PLACES, _PLACES = 3, 6

Unit = Annotated[
    str | None,
    Field(max_length=20, description="The unit of `value`.", examples=["kg"]),
]
ScaleName = Annotated[
    str | None,
    Field(
        max_length=60,
        description="The scale, where the kind has several.",
        examples=["HAIR_SHEDDING_SCALE"],
    ),
]
Site = Annotated[Name, Field(description="Where it was taken.", examples=["VERTEX"])]


class MeasurementCreate(Body):
    """One reading: a number in the kind's unit, or a grade of its scale."""

    kind: MeasurementKind
    value: Number | None = Field(None, description="The number; or `grade`.", examples=["62.5"])
    grade: str | None = Field(
        None, max_length=20, description="The grade, for stages.", examples=["III_VERTEX"]
    )
    unit: Unit = None
    scale: ScaleName = None
    site: Site | None = None
    measured_at: Instant = Field(description="When it was taken.")
    session_id: UUID | None = Field(None, description="The session at which it was taken.")
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class MeasurementRead(RecordRead):
    """One reading, exactly as taken."""

    kind: str = Field(description="What was measured.", examples=["weight"])
    value: str | None = Field(description="The number, as a decimal.", examples=["62.5"])
    grade: str | None = Field(description="The grade, for stages.", examples=["III_VERTEX"])
    unit: Unit
    scale: ScaleName
    site: str | None = Field(description="Where it was taken.")
    measured_at: Instant = Field(description="When it was taken.")
    measured_on: Day = Field(description="The local day of `measured_at`.")
    session_id: UUID | None = Field(description="The session at which it was taken.")
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])

    @classmethod
    def of(cls, row: ClinicalRecord) -> Self:
        shown = row.model_dump() | {"value": value_of(row), "grade": row.value_code}  # type: ignore[attr-defined]
        return cls.model_validate({name: shown[name] for name in cls.model_fields})


class MeasurementQuery(PageQuery):
    """A list of measurements, of one kind where it is named."""

    kind: MeasurementKind | None = Field(None, description="Only this kind.")


def value_of(row: Any) -> str | None:
    """The number of a measurement as a decimal string, or None where it is a grade."""
    if row.value_scaled is None:
        return None
    return plain(to_decimal(row.value_scaled, row.value_places))


async def _columns(
    db: AsyncSession, caller: Caller, patient_id: UUID, draft: MeasurementCreate
) -> dict[str, Any]:
    measure = MEASURES[draft.kind]
    if (draft.value is None) == (draft.grade is None):
        raise invalid("/value", "exactly_one", "Give either value or grade, one of the two.")
    scale = measure.scales.get(draft.scale or "")
    if scale is None:
        known = ", ".join(name for name in measure.scales if name) or "none: leave it out"
        raise invalid("/scale", "unknown_scale", f"Scales of this kind: {known}.")
    if draft.unit is not None and draft.unit not in measure.units:
        known = ", ".join(measure.units) or "none: leave it out"
        raise invalid("/unit", "unknown_unit", f"Units of this kind: {known}.")
    if measure.site and draft.site is None:
        raise invalid("/site", "missing", "Say at which site.")
    await _check_session(db, caller, patient_id, draft.session_id)
    return _graded(scale, draft) | {
        "kind": draft.kind,
        "unit": draft.unit or (measure.units[0] if measure.units else None),
        "scale": draft.scale,
        "site": draft.site,
        "measured_at": draft.measured_at,
        "measured_on": local_day(draft.measured_at, caller.zone),
        "session_id": draft.session_id,
        "notes": draft.notes,
    }


def _graded(scale: Scale, draft: MeasurementCreate) -> dict[str, Any]:
    """The value in its columns; InvalidRequest where it is not on the scale."""
    if scale.grades:
        if draft.grade not in scale.grades:
            raise invalid("/grade", "not_on_scale", f"Grades: {', '.join(scale.grades)}.")
        return {"value_code": draft.grade}
    if draft.value is None:
        raise invalid("/grade", "not_on_scale", "This kind is a number: give value.")
    _refuse_off_scale(scale, draft.value)
    places = _WEIGHT_PLACES if draft.kind == "weight" else _PLACES
    try:
        return {"value_scaled": to_int(draft.value, places), "value_places": places}
    except ValueError:
        raise invalid(
            "/value", "decimal_max_places", f"At most {places} decimal places can be stored."
        ) from None


def _refuse_off_scale(scale: Scale, value: Decimal) -> None:
    if scale.whole and value != value.to_integral_value():
        raise invalid("/value", "not_whole", "This scale has whole numbers only.")
    below = scale.low is not None and value < scale.low
    above = scale.high is not None and value > scale.high
    if below or above:
        low = "any" if scale.low is None else plain(scale.low)
        high = "any" if scale.high is None else plain(scale.high)
        raise invalid("/value", "not_on_scale", f"This scale runs from {low} to {high}.")


async def _check_session(
    db: AsyncSession, caller: Caller, patient_id: UUID, session_id: UUID | None
) -> None:
    if session_id is None:
        return
    of_patient = select(TreatmentSession.id).where(
        TreatmentSession.clinic_id == caller.clinic_id,
        TreatmentSession.id == session_id,
        TreatmentSession.patient_id == patient_id,
    )
    if (await db.exec(of_patient)).first() is None:
        raise invalid("/session_id", "unknown", "This patient has no such session.")


def _filters(query: Any) -> list[Any]:
    return [] if query.kind is None else [col(Measurement.kind) == query.kind]


MEASUREMENTS = RecordKind(
    noun="measurement",
    path="measurements",
    tag="Measurements",
    table=Measurement,
    draft=MeasurementCreate,
    answer=MeasurementRead,
    newest_first=Order((col(Measurement.measured_at), col(Measurement.id)), descending=True),
    past=("measured_at",),
    columns=_columns,
    query=MeasurementQuery,
    filters=_filters,
)
