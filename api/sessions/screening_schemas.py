"""The screening at check-in on the wire: what is asked and looked at before every session."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import Answers
from api.fields import (
    Answer,
    Celsius,
    Code,
    Day,
    Instant,
    Kilograms,
    Line,
    Note,
    to_decimal,
    to_int,
)
from api.sessions.also_given_schemas import AlsoGivenList, AlsoGivenRead
from api.sessions.schemas import SessionDecided
from models import AlsoGiven, PregnancyStatus, PregnancyTestResult, Screening

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_NOT_ASKED = " Leave it out where it was not asked: that never counts as fine."


class CheckInCreate(Answers):
    """The pre-session checks. What is left out was not asked or measured."""

    identity_confirmed: bool | None = Field(
        None, description="Two identifiers agree; false stops the check-in.", examples=[True]
    )
    area_marked: bool | None = Field(None, description="The area is marked.", examples=[True])
    consent_id: UUID | None = Field(
        None, description="The consent that was looked at.", examples=[_ID]
    )
    allergies_confirmed: bool | None = Field(
        None, description="Allergies were asked again today." + _NOT_ASKED, examples=[True]
    )
    childbearing_potential: bool | None = Field(
        None, description="Whether the patient may become pregnant.", examples=[False]
    )
    pregnancy_status: PregnancyStatus | None = Field(
        None, description="The answer given today." + _NOT_ASKED, examples=["not_pregnant"]
    )
    pregnancy_test_on: Day | None = Field(None, description="Day of the pregnancy test.")
    pregnancy_test_result: PregnancyTestResult | None = Field(
        None, description="Its result.", examples=["negative"]
    )
    contraception: Line | None = Field(
        None, description="Method.", examples=["Intrauterine device"]
    )
    contraception_effective: bool | None = Field(
        None, description="Judged effective by whoever asks.", examples=[True]
    )
    lactating: bool | None = Field(None, description="Breast-feeding." + _NOT_ASKED)
    changes_asked: bool | None = Field(
        None,
        description="Asked about new medicines, diagnoses, vaccines, procedures and chemical hair"
        " treatment since the last visit." + _NOT_ASKED,
        examples=[True],
    )
    changes_reported: Note | None = Field(
        None, description="What the patient said; record it in the chart too.", examples=["None."]
    )
    events_asked: bool | None = Field(
        None, description="Asked about reactions since the last session.", examples=[True]
    )
    events_reported: Note | None = Field(
        None, description="What the patient said; report side effects too.", examples=["None."]
    )
    shedding_score: int | None = Field(
        None, ge=0, le=100, description="On the scale of the baseline.", examples=[3]
    )
    shedding_scale: Code | None = Field(
        None, description="Code of that scale.", examples=["SINCLAIR_SHEDDING"]
    )
    pull_test_hairs: int | None = Field(
        None, ge=0, le=100, description="Hairs out of 50 to 60 pulled.", examples=[2]
    )
    pull_test_site: Line | None = Field(None, description="Where.", examples=["vertex"])
    weight_kg: Kilograms | None = Field(None, description="Weighed today, kg.")
    systolic_mmhg: int | None = Field(
        None, ge=20, le=300, description="Systolic blood pressure, mmHg.", examples=[120]
    )
    diastolic_mmhg: int | None = Field(
        None, ge=10, le=250, description="Diastolic blood pressure, mmHg.", examples=[75]
    )
    pulse_bpm: int | None = Field(
        None, ge=20, le=300, description="Pulse, beats per minute.", examples=[72]
    )
    temperature_c: Celsius | None = Field(None, description="Temperature, °C.")
    pain_score: int | None = Field(
        None, ge=0, le=10, description="Pain before the session, 0 to 10.", examples=[0]
    )
    site_clear: bool | None = Field(
        None,
        description="No infection, inflammation, open wound or herpes at the site." + _NOT_ASKED,
        examples=[True],
    )
    site_findings: tuple[Code, ...] = Field(
        (), max_length=20, description="What was seen there.", examples=[["folliculitis"]]
    )
    photo_taken: bool | None = Field(None, description="A photograph was taken.", examples=[True])
    also_given: AlsoGivenList = Field(
        (),
        description="What is put on or taken before the injection, such as a numbing cream; it"
        " counts when the administration is recorded and need not be said again.",
        examples=[[]],
    )
    notes: Note | None = Field(None, description="Anything else.", examples=["Feels well."])


_PLAIN = frozenset(CheckInCreate.model_fields) - {
    *Answers.model_fields,
    "also_given",
    "weight_kg",
    "temperature_c",
}


def columns(draft: CheckInCreate) -> dict[str, Any]:
    """The screening's columns: weight in g, temperature in hundredths of a degree, exactly."""
    stored = draft.model_dump(include=set(_PLAIN))
    stored["weight_g"] = None if draft.weight_kg is None else to_int(draft.weight_kg, 3)
    stored["temperature_centi"] = (
        None if draft.temperature_c is None else to_int(draft.temperature_c, 2)
    )
    return stored


def _as_asked(name: str) -> Any:
    """The field of an answer that reads back a field of the check-in."""
    asked = CheckInCreate.model_fields[name]
    text = (asked.description or "").removesuffix(_NOT_ASKED)
    return Field(description=text, examples=asked.examples)


class ScreeningRead(Answer):
    """What was asked and found at check-in. Null was not asked or measured."""

    id: UUID = Field(description="Of this screening.", examples=[_ID])
    session_id: UUID = Field(description="The session.", examples=[_ID])
    patient_id: UUID = Field(description="The patient.", examples=[_ID])
    screened_at: Instant = Field(description="When, UTC.")
    screened_on: Day = Field(description="The clinic's local day.")
    identity_confirmed: bool | None = _as_asked("identity_confirmed")
    area_marked: bool | None = _as_asked("area_marked")
    consent_id: UUID | None = _as_asked("consent_id")
    allergies_confirmed: bool | None = _as_asked("allergies_confirmed")
    childbearing_potential: bool | None = _as_asked("childbearing_potential")
    pregnancy_status: PregnancyStatus | None = _as_asked("pregnancy_status")
    pregnancy_test_on: date | None = _as_asked("pregnancy_test_on")
    pregnancy_test_result: PregnancyTestResult | None = _as_asked("pregnancy_test_result")
    contraception: str | None = _as_asked("contraception")
    contraception_effective: bool | None = _as_asked("contraception_effective")
    lactating: bool | None = _as_asked("lactating")
    changes_asked: bool | None = _as_asked("changes_asked")
    changes_reported: str | None = _as_asked("changes_reported")
    events_asked: bool | None = _as_asked("events_asked")
    events_reported: str | None = _as_asked("events_reported")
    shedding_score: int | None = _as_asked("shedding_score")
    shedding_scale: str | None = _as_asked("shedding_scale")
    pull_test_hairs: int | None = _as_asked("pull_test_hairs")
    pull_test_site: str | None = _as_asked("pull_test_site")
    weight_kg: Kilograms | None = _as_asked("weight_kg")
    systolic_mmhg: int | None = _as_asked("systolic_mmhg")
    diastolic_mmhg: int | None = _as_asked("diastolic_mmhg")
    pulse_bpm: int | None = _as_asked("pulse_bpm")
    temperature_c: Celsius | None = _as_asked("temperature_c")
    pain_score: int | None = _as_asked("pain_score")
    site_clear: bool | None = _as_asked("site_clear")
    site_findings: tuple[str, ...] = _as_asked("site_findings")
    photo_taken: bool | None = _as_asked("photo_taken")
    notes: str | None = _as_asked("notes")
    also_given: tuple[AlsoGivenRead, ...] = Field(
        description="What was put on or taken before the injection.", examples=[[]]
    )
    decision_id: UUID | None = Field(description="What the rules said.", examples=[_ID])
    recorded_by: UUID = Field(description="Who entered it.", examples=[_ID])
    entered_in_error_at: Instant | None = Field(
        description="When it was marked as wrong; null while it stands."
    )
    entered_in_error_by: UUID | None = Field(description="Who marked it.")
    entered_in_error_reason: str | None = Field(
        description="Why it is wrong.", examples=["Recorded for another patient."]
    )

    @classmethod
    def of(cls, screening: Screening, also_given: Iterable[AlsoGiven]) -> Self:
        """The screening, with what was noted of the visit beside it."""
        return cls(
            **screening.model_dump(),
            weight_kg=_decimal(screening.weight_g, 3),
            temperature_c=_decimal(screening.temperature_centi, 2),
            also_given=tuple(AlsoGivenRead.of(row) for row in also_given),
        )


def _decimal(value: int | None, places: int) -> Decimal | None:
    return None if value is None else to_decimal(value, places)


class SessionCheckedIn(SessionDecided):
    """The session with its screening and what the rules said."""

    screening: ScreeningRead = Field(description="What was asked and found.")
