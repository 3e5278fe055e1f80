"""Assessments: what a professional found, how it is graded, and what they concluded."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import Answer, Body, Day, Line, Note
from api.paging import Order
from api.patients.code_lists import AreaCode, Icd10, ScaleCode, check_grade, check_staff
from api.patients.record_kind import RecordKind, RecordRead
from api.problems import invalid
from api.security import Caller
from models import Assessment, AssessmentDiagnosis, DiagnosisStatus

Trichoscopy = Annotated[
    tuple[Line, ...],
    Field(max_length=40, description="Dermoscopic signs.", examples=[["YELLOW_DOTS"]]),
]


class DiagnosisIn(Body):
    """One conclusion, with how sure it is and where."""

    icd10: Icd10
    status: DiagnosisStatus = Field(description="How sure it is.", examples=["confirmed"])
    area: AreaCode | None = None


class DiagnosisRead(Answer):
    """One conclusion of an assessment."""

    icd10: str = Field(description="ICD-10 code.", examples=["L64.9"])
    status: DiagnosisStatus = Field(description="How sure it is.", examples=["confirmed"])
    area: str | None = Field(description="Body area.", examples=["SCALP"])


class AssessmentCreate(Body):
    """An examination on one day. Only a confirmed diagnosis opens the way to a plan."""

    assessed_on: Day = Field(description="Day of the examination.")
    assessed_by: UUID | None = Field(None, description="Staff member; the caller if left out.")
    diagnoses: tuple[DiagnosisIn, ...] = Field(
        (), max_length=20, description="Conclusions, in order of importance."
    )
    scale: ScaleCode | None = None
    grade: Annotated[str | None, Field(max_length=20, examples=["III_VERTEX"])] = None
    areas: Annotated[tuple[AreaCode, ...], Field(max_length=30, examples=[["SCALP_VERTEX"]])] = ()
    extent: Line | None = Field(None, description="How far it reaches.")
    findings: Note | None = Field(None, description="What was seen.")
    trichoscopy: Trichoscopy = ()
    recommendation: Note | None = Field(None, description="What is recommended.")
    is_outcome_review: bool = Field(
        False, description="A structured review of the result, which the reassessment rule counts."
    )
    photos_taken: bool = Field(
        False, description="Whether photographs were taken.", examples=[True]
    )
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class AssessmentRead(RecordRead):
    """An examination with its diagnoses in the order in which they were given."""

    assessed_on: Day = Field(description="Day of the examination.")
    assessed_by: UUID | None = Field(description="Who examined.")
    diagnoses: tuple[DiagnosisRead, ...] = Field(
        (), description="Conclusions, in order of importance."
    )
    scale: str | None = Field(description="Grading scale.", examples=["NORWOOD_HAMILTON"])
    grade: str | None = Field(description="Grade on `scale`.", examples=["III_VERTEX"])
    areas: tuple[str, ...] = Field(description="Body areas.", examples=[["SCALP"]])
    extent: str | None = Field(description="How far it reaches.", examples=["Crown, 4 cm across"])
    findings: str | None = Field(description="What was seen.", examples=["Miniaturised hairs."])
    trichoscopy: tuple[str, ...] = Field(
        description="Dermoscopic signs.", examples=[["YELLOW_DOTS"]]
    )
    recommendation: str | None = Field(
        description="What is recommended.", examples=["Topical minoxidil first."]
    )
    is_outcome_review: bool = Field(
        description="A structured review of the result.", examples=[False]
    )
    photos_taken: bool = Field(description="Whether photographs were taken.", examples=[True])
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


async def _columns(
    db: AsyncSession, caller: Caller, _patient_id: UUID, draft: AssessmentCreate
) -> dict[str, Any]:
    if draft.grade is not None and draft.scale is None:
        raise invalid("/scale", "missing", "Say which scale the grade belongs to.")
    if draft.scale is not None:
        check_grade(draft.scale, draft.grade)
    assessed_by = draft.assessed_by or caller.staff_id
    await check_staff(db, caller.clinic_id, draft.assessed_by, "/assessed_by")
    columns = dict(draft) | {"assessed_by": assessed_by}
    del columns["diagnoses"]  # rows of their own
    return columns


async def _add_diagnoses(
    db: AsyncSession, _caller: Caller, row: Assessment, draft: AssessmentCreate
) -> None:
    for position, diagnosis in enumerate(draft.diagnoses):
        db.add(
            AssessmentDiagnosis(
                **diagnosis.model_dump(),
                clinic_id=row.clinic_id,
                assessment_id=row.id,
                patient_id=row.patient_id,
                position=position,
            )
        )
    await db.flush()


async def with_diagnoses(
    db: AsyncSession, caller: Caller, rows: Sequence[Assessment]
) -> list[RecordRead]:
    """The assessments as answers; the diagnoses of all of them come in one query."""
    statement = (
        select(AssessmentDiagnosis)
        .where(
            AssessmentDiagnosis.clinic_id == caller.clinic_id,
            col(AssessmentDiagnosis.assessment_id).in_([row.id for row in rows]),
        )
        .order_by(col(AssessmentDiagnosis.position))
    )
    of_each: dict[UUID, list[DiagnosisRead]] = {row.id: [] for row in rows}
    for each in (await db.exec(statement)).all() if rows else []:
        of_each[each.assessment_id].append(DiagnosisRead.model_validate(each))
    return [
        AssessmentRead.of(row).model_copy(update={"diagnoses": tuple(of_each[row.id])})
        for row in rows
    ]


ASSESSMENTS = RecordKind(
    noun="assessment",
    path="assessments",
    tag="Assessments",
    table=Assessment,
    draft=AssessmentCreate,
    answer=AssessmentRead,
    newest_first=Order((col(Assessment.assessed_on), col(Assessment.id)), descending=True),
    past=("assessed_on",),
    columns=_columns,
    afterwards=_add_diagnoses,
    answers=with_diagnoses,
)
