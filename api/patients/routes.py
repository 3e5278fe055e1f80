"""Patients: register, find, read, change; and the routers of everything under a patient."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, PageParams, Pager
from api.patients import chart_routes, consent_routes, service
from api.patients.allergies import ALLERGIES
from api.patients.assessments import ASSESSMENTS
from api.patients.conditions import CONDITIONS
from api.patients.consultations import CONSULTATIONS
from api.patients.lifestyle_factors import LIFESTYLE_FACTORS
from api.patients.measurements import MEASUREMENTS
from api.patients.medications import MEDICATIONS
from api.patients.pregnancy_statements import PREGNANCY_STATEMENTS
from api.patients.record_routes import routes_of
from api.patients.schemas import PatientChange, PatientCreate, PatientRead, PatientSearch
from api.patients.therapies import THERAPIES
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import Patient

patients = Router(prefix="/v1/patients", tags=["Patients"])
PatientsReader = Annotated[Caller, Security(read_caller, scopes=["patients:read"])]
PatientsWriter = Annotated[Caller, Security(write_caller, scopes=["patients:write"])]
AllowDuplicate = Annotated[
    bool, Query(description="`true` registers somebody who looks like a patient you have.")
]
_NEWEST_FIRST = Order((col(Patient.id),), descending=True)


@patients.post(
    "",
    status_code=201,
    name="register_patient",
    summary="Register a patient",
    responses={409: {"description": "Somebody like this is registered: see `candidates`."}},
)
async def register_patient(
    draft: PatientCreate,
    caller: PatientsWriter,
    db: WriteDb,
    response: Response,
    allow_duplicate: AllowDuplicate = False,
) -> PatientRead:
    """The clinic's next record number is given. The same birthday and a similar name, or the same
    phone number, are taken for a possible duplicate."""
    patient = await service.register(db, caller, draft, allow_duplicate=allow_duplicate)
    tag(response, patient, f"/v1/patients/{patient.id}")
    return PatientRead.model_validate(patient)


@patients.get("", name="list_patients", summary="List patients")
async def list_patients(
    page: PageParams, caller: PatientsReader, db: ReadDb, request: Request, response: Response
) -> Page[PatientRead]:
    """All patients of the clinic, the newest first. To find somebody, search."""
    pager = Pager(request, page, caller.clinic_id)
    mine = select(Patient).where(Patient.clinic_id == caller.clinic_id)
    rows, cursor, total = await pager.rows(db, mine, _NEWEST_FIRST)
    pager.link(response, cursor)
    items = [PatientRead.model_validate(row) for row in rows]
    return Page[PatientRead](items=items, next_cursor=cursor, total=total)


@patients.post("/search", name="search_patients", summary="Find patients")
async def search_patients(
    question: PatientSearch, caller: PatientsReader, db: ReadDb
) -> Page[PatientRead]:
    """By beginnings of names in any order, with or without accents, by phone digits, record
    number or birthday; sorted by name. Asked in the body: no personal data belongs in a URL."""
    rows, cursor = await service.search(db, caller, question)
    items = [PatientRead.model_validate(row) for row in rows]
    return Page[PatientRead](items=items, next_cursor=cursor)


@patients.get("/{patient_id:uuid}", name="read_patient", summary="Read a patient")
async def read_patient(
    patient_id: UUID, caller: PatientsReader, db: ReadDb, response: Response
) -> PatientRead:
    """Demographics only; the chart has the clinical part."""
    patient = await found(db, Patient, caller.clinic_id, patient_id)
    tag(response, patient)
    return PatientRead.model_validate(patient)


@patients.patch(
    "/{patient_id:uuid}", name="change_patient", summary="Change a patient's demographics"
)
async def change_patient(
    patient_id: UUID,
    patch: PatientChange,
    expected: IfMatch,
    caller: PatientsWriter,
    db: WriteDb,
    response: Response,
) -> PatientRead:
    """A JSON merge patch: what it leaves out stays, null empties."""
    patient = await service.change(db, caller, patient_id, expected, patch)
    tag(response, patient)
    return PatientRead.model_validate(patient)


router = Router()
router.include_router(patients)
router.include_router(chart_routes.router)
router.include_router(consent_routes.router)
for _kind in (
    ALLERGIES, CONDITIONS, MEDICATIONS, MEASUREMENTS, ASSESSMENTS, THERAPIES, LIFESTYLE_FACTORS,
    CONSULTATIONS, PREGNANCY_STATEMENTS,
):  # fmt: skip
    router.include_router(routes_of(_kind))
