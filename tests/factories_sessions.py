"""A patient who may be treated, an active plan, and sessions in every state, made over HTTP."""

from decimal import Decimal
from typing import Any

import httpx

from tests.clinic import SeededClinic
from tests.factories import made, make_examined_patient
from tests.remembering import remembered

START = "2026-03-02"  # the day that tests begin on
Answer = dict[str, Any]
# Every ingredient that a test injects.
CONSENTED = (
    "DEXPANTHENOL", "BIOTIN", "LIDOCAINE", "MEPIVACAINE", "PROCAINE", "DUTASTERIDE", "MINOXIDIL",
    "PDRN", "TRANEXAMIC_ACID", "DEOXYCHOLIC_ACID", "SODIUM_CHLORIDE_0_9",
)  # fmt: skip
# How it is injected: 2 mL in 40 points are exactly the 0.05 mL that each may get.
TECHNIQUE: Answer = {"technique": "POINT_BY_POINT", "points": 40, "depth_mm": "2"}


async def moved(
    client: httpx.AsyncClient, path: str, move: str, body: Answer | None = None
) -> Answer:
    """POST a move with the present ETag; it must succeed."""
    answer = await move_on(client, path, move, body)
    assert answer.status_code in {200, 201}, answer.text
    result: Answer = answer.json()
    return result


async def move_on(
    client: httpx.AsyncClient, path: str, move: str, body: Answer | None = None, query: str = ""
) -> httpx.Response:
    """POST a move with the present ETag, whatever comes of it."""
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{move}{query}", json=body or {}, headers={"If-Match": etag})


@remembered
async def make_treatable_patient(client: httpx.AsyncClient, **over: Any) -> Answer:
    """A man of 80 kg without known allergies, conditions or medicines, who signed a consent."""
    patient = await make_examined_patient(client, **{"given_name": "Luc", "sex": "male"} | over)
    path = f"/v1/patients/{patient['id']}"
    await made(client, f"{path}/allergies", {"code": "NO_KNOWN_ALLERGIES"})
    await made(
        client,
        f"{path}/measurements",
        {"kind": "weight", "value": "80", "unit": "kg", "measured_at": f"{START}T07:00:00Z"},
    )
    await made(
        client,
        f"{path}/consents",
        {
            "document_code": "MESO", "document_version": "1", "signed_on": START,
            "ingredient_codes": CONSENTED,
        },
    )  # fmt: skip
    return patient


def component(code: str, strength: str, volume_ml: str) -> Answer:
    return {
        "ingredient_code": code,
        "stock_concentration": {"value": strength, "unit": "mg/mL"},
        "volume_ml": volume_ml,
        "excipient_classes": [],
    }


SCALP = (component("DEXPANTHENOL", "250", "1"), component("BIOTIN", "5", "1"))


@remembered
async def make_approved_formula(
    author: httpx.AsyncClient, approver: httpx.AsyncClient, *components: Answer
) -> Answer:
    """1 mL dexpanthenol 250 mg/mL and 1 mL biotin 5 mg/mL, unless others are named."""
    body = {"name": "Scalp", "areas": ["SCALP"], "components": components or SCALP}
    formula = await made(author, "/v1/formulas", body)
    await moved(approver, f"/v1/formulas/{formula['id']}", "versions/1/approve")
    return formula


async def protocol_id(client: httpx.AsyncClient, code: str) -> str:
    protocols = (await client.get("/v1/protocols?limit=200")).json()["items"]
    return str(next(each["id"] for each in protocols if each["code"] == code))


@remembered
async def make_active_plan(
    as_role: Any,
    clinic: SeededClinic,
    *,
    patient: Answer | None = None,
    formula: Answer | None = None,
    protocol: str = "P-CLASSIC-442",
    role: str = "practitioner",
    **over: Any,
) -> Answer:
    """Weekly sessions of 2 mL on the scalp; the director activates it."""
    practitioner, director = as_role(role), as_role("medical_director")
    patient = patient or await make_treatable_patient(practitioner)
    formula = formula or await make_approved_formula(practitioner, director)
    body = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(practitioner, protocol),
        "formula_id": formula["id"],
        "practitioner_id": str(clinic.staff[role]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        **TECHNIQUE,
    }
    plan = await made(practitioner, "/v1/plans", body | over)
    return await moved(director, f"/v1/plans/{plan['id']}", "activate")


@remembered
async def make_lot(client: httpx.AsyncClient, code: str = "BIOTIN", **over: Any) -> Answer:
    body = {
        "ingredient_code": code, "product_name": code.title(), "manufacturer": "Acme",
        "lot_number": "L-1", "expires_on": "2027-08", "container": "multi_dose",
        "received_volume_ml": "50", "excipient_classes": [],
    }  # fmt: skip
    return await made(client, "/v1/lots", body | over)


def booking(plan: Answer, clinic: SeededClinic, starts_at: str, **over: Any) -> Answer:
    """The body that books half an hour with the plan's practitioner in the first room."""
    return {
        "plan_id": plan["id"],
        "starts_at": starts_at,
        "duration_minutes": 30,
        "practitioner_id": plan["practitioner_id"],
        "room_id": str(clinic.room_ids[0]),
    } | over


@remembered
async def book(
    client: httpx.AsyncClient, plan: Answer, clinic: SeededClinic, starts_at: str, **over: Any
) -> Answer:
    return await made(client, "/v1/sessions", booking(plan, clinic, starts_at, **over))


SCREENING: Answer = {
    "identity_confirmed": True, "area_marked": True, "allergies_confirmed": True,
    "pregnancy_status": "not_applicable", "changes_asked": True, "events_asked": True,
    "systolic_mmhg": 120, "diastolic_mmhg": 75, "pulse_bpm": 70, "temperature_c": "36.8",
    "site_clear": True, "photo_taken": True,
}  # fmt: skip


@remembered
async def check_in(client: httpx.AsyncClient, session: Answer, **over: Any) -> Answer:
    return await moved(client, f"/v1/sessions/{session['id']}", "check-in", SCREENING | over)


def performance(performed_at: str, **over: Any) -> Answer:
    """What was injected: 1.5 of 2 mL into the frontal scalp."""
    return {
        "performed_at": performed_at,
        "preparation_started_at": performed_at,
        "areas": [
            {
                "area": "SCALP_FRONTAL", "volume_ml": "1.5", "points": 30, "depth_mm": "2",
                "technique": "POINT_BY_POINT", "needle_gauge": 30,
            }
        ],
        "discarded_ml": "0.5",
        "observation_minutes": 30,
    } | over  # fmt: skip


def treated(area: str, volume_ml: str, **over: Any) -> Answer:
    """One treated area, in as many points as that volume needs."""
    points = -(-int(Decimal(volume_ml) * 1000) // 50)
    return {"area": area, "volume_ml": volume_ml, **TECHNIQUE, "points": points} | over


@remembered
async def administer(
    client: httpx.AsyncClient, session: Answer, performed_at: str, **over: Any
) -> Answer:
    """What was injected, from a new lot of biotin unless lots are named."""
    if "lots" not in over:
        lot = await make_lot(client)
        over["lots"] = [{"lot_id": lot["id"], "volume_ml": "1"}]
    body = performance(performed_at, **over)
    return await moved(client, f"/v1/sessions/{session['id']}", "administration", body)
