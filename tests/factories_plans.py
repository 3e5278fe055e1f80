"""Plans made through the public API."""

from typing import Any

import httpx

from tests.clinic import SeededClinic
from tests.factories_sessions import (
    TECHNIQUE,
    make_approved_formula,
    make_treatable_patient,
    protocol_id,
)
from tests.remembering import remembered

# Each move of a plan with the body that it needs.
MOVES: dict[str, dict[str, Any]] = {
    "activate": {},
    "hold": {"reason": "Results are awaited."},
    "release": {"reason": "They are here."},
    "complete": {},
    "stop": {"reason": "Moved away."},
}


@remembered
async def plan_draft(as_role: Any, clinic: SeededClinic) -> dict[str, Any]:
    """The body of a plan that could be activated at once."""
    practitioner: httpx.AsyncClient = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    return {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        **TECHNIQUE,
        "goals": "Less shedding within six months.",
    }


def match(answer: httpx.Response) -> dict[str, str]:
    """If-Match for the version that was answered."""
    return {"If-Match": answer.headers["etag"]}


async def read_plan(client: httpx.AsyncClient, plan: dict[str, Any]) -> httpx.Response:
    return await client.get(f"/v1/plans/{plan['id']}")


def biotin(**over: Any) -> dict[str, Any]:
    """2 mL of biotin 5 mg/mL and nothing else."""
    line = {
        "ingredient_code": "BIOTIN",
        "stock_concentration": {"value": "5", "unit": "mg/mL"},
        "volume_ml": "2",
        "excipient_classes": [],
    }
    return {"components": [line]} | over
