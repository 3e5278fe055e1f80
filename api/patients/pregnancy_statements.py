"""What a patient answers about pregnancy between visits; the screening asks again at each one."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.fields import Body, Day, Line, Note
from api.paging import Order
from api.patients.record_kind import RecordKind, RecordRead
from api.patients.records import standing
from api.problems import FieldError, InvalidRequest, invalid
from api.security import Caller
from models import Patient, PregnancyStatement, PregnancyStatus, PregnancyTestResult

ChildbearingPotential = Annotated[
    bool | None, Field(description="Could become pregnant; null: not asked.", examples=[True])
]
Status = Annotated[
    PregnancyStatus | None, Field(description="Null: not asked.", examples=["not_pregnant"])
]
TestedOn = Annotated[Day | None, Field(description="Day of a pregnancy test.")]
Tested = Annotated[PregnancyTestResult | None, Field(description="What the test showed.")]
Contraception = Annotated[
    Line, Field(description="The method in words.", examples=["Copper intrauterine device"])
]
Effective = Annotated[
    bool | None, Field(description="Whether the method counts as effective; null: not asked.")
]
Lactating = Annotated[bool | None, Field(description="Breastfeeding; null: not asked.")]


class PregnancyStatementCreate(Body):
    """The answers of one day. What is left out was not asked, and is never read as no."""

    stated_on: Day = Field(description="Day of the answers.")
    childbearing_potential: ChildbearingPotential = None
    pregnancy_status: Status = None
    pregnancy_test_on: TestedOn = None
    pregnancy_test_result: Tested = None
    contraception: Contraception | None = None
    contraception_effective: Effective = None
    lactating: Lactating = None
    notes: Note | None = Field(None, description="Remarks.", examples=["Told by her mother."])


class PregnancyStatementRead(RecordRead):
    """The answers of one day; of several, the newest that stands counts."""

    stated_on: Day = Field(description="Day of the answers.")
    childbearing_potential: ChildbearingPotential
    pregnancy_status: Status
    pregnancy_test_on: TestedOn
    pregnancy_test_result: Tested
    contraception: str | None = Field(
        description="The method in words.", examples=["Copper intrauterine device"]
    )
    contraception_effective: Effective
    lactating: Lactating
    notes: str | None = Field(description="Remarks.", examples=["Told by her mother."])


async def _columns(
    _db: AsyncSession, _caller: Caller, _patient_id: UUID, draft: PregnancyStatementCreate
) -> dict[str, Any]:
    if (draft.pregnancy_test_on is None) != (draft.pregnancy_test_result is None):
        names = ("pregnancy_test_on", "pregnancy_test_result")
        raise InvalidRequest(
            [FieldError(f"/{n}", "together", "A test has a day and a result.") for n in names]
        )
    answered = draft.model_fields_set - {"stated_on", "notes"}
    if all(getattr(draft, name) is None for name in answered):
        raise invalid("", "nothing_stated", "Give at least one answer.")
    return dict(draft)


async def _keep_potential(
    db: AsyncSession, caller: Caller, row: PregnancyStatement, _draft: Any
) -> None:
    """The patient's row carries the newest standing answer on childbearing potential."""
    answered = col(PregnancyStatement.childbearing_potential).is_not(None)
    answers = await standing(db, PregnancyStatement, row.clinic_id, row.patient_id, answered)
    newest = max(answers, key=lambda each: (each.stated_on, each.id), default=None)
    potential = None if newest is None else newest.childbearing_potential
    patient = await found(db, Patient, caller.clinic_id, row.patient_id)
    if patient.childbearing_potential != potential:
        patient.childbearing_potential = potential
        audit.record(db, caller, "patient.changed", patient, patient_id=patient.id)
        await db.flush()


PREGNANCY_STATEMENTS = RecordKind(
    noun="pregnancy_statement",
    path="pregnancy-statements",
    tag="Pregnancy statements",
    table=PregnancyStatement,
    draft=PregnancyStatementCreate,
    answer=PregnancyStatementRead,
    newest_first=Order(
        (col(PregnancyStatement.stated_on), col(PregnancyStatement.id)), descending=True
    ),
    past=("stated_on", "pregnancy_test_on"),
    columns=_columns,
    afterwards=_keep_potential,
    once_wrong=_keep_potential,
)
