"""The addresses of consents: those of every entry, and their withdrawal."""

from uuid import UUID

from fastapi import Response

from api.database import WriteDb
from api.patients import consents, records
from api.patients.consents import CONSENTS, ConsentRead, Withdrawal
from api.patients.record_routes import ClinicalWriter, routes_of
from api.preconditions import IfMatch, tag

router = routes_of(CONSENTS)


@router.post(
    "/{record_id}/withdraw",
    name="withdraw_consent",
    summary="Withdraw a consent",
    response_model=ConsentRead,
    responses={409: {"description": "It is withdrawn already, or was entered in error."}},
)
async def withdraw_consent(
    patient_id: UUID,
    record_id: UUID,
    body: Withdrawal,
    expected: IfMatch,
    caller: ClinicalWriter,
    db: WriteDb,
    response: Response,
) -> object:
    """From that day on the consent no longer holds; it stays on record."""
    row = await records.lock(db, caller, CONSENTS, patient_id, record_id, expected)
    await consents.withdraw(db, caller, row, body)
    tag(response, row)
    return (await CONSENTS.shown(db, caller, [row]))[0]
