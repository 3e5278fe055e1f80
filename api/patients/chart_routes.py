"""What a chart screen needs of one patient: the chart and the timeline."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from api.database import ReadDb
from api.paging import Page, Pager
from api.patients import chart, timeline
from api.patients.chart_schemas import ChartRead
from api.patients.record_routes import ClinicalReader
from api.patients.timeline import TimelineEntry, TimelineQuery
from api.routing import Router

router = Router(prefix="/v1/patients/{patient_id}", tags=["Charts"])


@router.get("/chart", name="read_chart", summary="Everything for the chart screen, in one call")
async def read_chart(
    patient_id: UUID, caller: ClinicalReader, db: ReadDb, request: Request
) -> ChartRead:
    """Alerts first: active allergies, conditions, pregnancy, holds and unresolved side effects;
    then medicines, weight, measurements, consents, plans and sessions, as of today."""
    window_of = getattr(request.app.state, "window_of", None)
    return await chart.of_patient(db, caller, patient_id, window_of)


@router.get("/timeline", name="read_timeline", summary="Everything about a patient, newest first")
async def read_timeline(
    patient_id: UUID,
    query: Annotated[TimelineQuery, Query()],
    caller: ClinicalReader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[TimelineEntry]:
    """Entries of the record, plans, sessions, treatments given, side effects and holds; booked
    sessions to come stand first. Kinds that the caller may not read are left out."""
    pager = Pager(request, query, caller.clinic_id)
    page = await timeline.page(db, caller, patient_id, query, pager)
    pager.link(response, page.next_cursor)
    return page
