"""Many patients with active plans of one formula, for whatever has many of them at once."""

import asyncio
from typing import Any

from tests.clinic import SeededClinic
from tests.factories import made, make_examined_patient
from tests.factories_sessions import Answer, make_active_plan, make_approved_formula


async def make_plans(as_role: Any, clinic: SeededClinic, count: int, **over: Any) -> list[Answer]:
    """As many patients, each with a consent and an active plan of the same formula."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    consent = {
        "document_code": "MESO", "document_version": "1", "signed_on": "2026-03-02",
        "ingredient_codes": ["DEXPANTHENOL", "BIOTIN"],
    }  # fmt: skip

    a_few = asyncio.Semaphore(4)  # of them at once: they are not what is tested

    async def plan(number: int) -> Answer:
        async with a_few:
            patient = await make_examined_patient(
                practitioner, family_name=f"Crowd {number}", sex="male"
            )
            await made(practitioner, f"/v1/patients/{patient['id']}/consents", consent)
            made_plan: Answer = await make_active_plan(
                as_role, clinic, patient=patient, formula=formula, **over
            )
            return made_plan

    return list(await asyncio.gather(*(plan(number) for number in range(count))))
