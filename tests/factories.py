"""Things made through the public API, with defaults; each returns the answer's JSON."""

from typing import Any

import httpx


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST that must succeed."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def make_patient(client: httpx.AsyncClient, **over: Any) -> dict[str, Any]:
    body = {"given_name": "Ada", "family_name": "Moreau", "born_on": "1989-04-02", "sex": "female"}
    return await made(client, "/v1/patients?allow_duplicate=true", body | over)


# Asked at the first visit, and nothing found; each is an entry of its own.
HISTORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("conditions", {"code": "NO_KNOWN_CONDITIONS"}),
    ("medications", {"code": "NO_MEDICATION", "name": "none", "started_on": "2026-03-02"}),
    ("therapies", {"code": "NO_OTHER_THERAPY", "started_on": "2026-03-02"}),
)


async def make_examined_patient(client: httpx.AsyncClient, **over: Any) -> dict[str, Any]:
    """Somebody with a confirmed diagnosis, whose history was asked; no allergies, no consent."""
    patient = await make_patient(client, **over)
    await examine(client, patient)
    return patient


async def examine(
    client: httpx.AsyncClient, patient: dict[str, Any], on: str = "2026-03-02"
) -> None:
    """Ask about conditions, medicines and other treatments, and diagnose androgenetic alopecia."""
    path = f"/v1/patients/{patient['id']}"
    for part, body in HISTORY:
        await made(client, f"{path}/{part}", body)
    diagnoses = [{"icd10": "L64.9", "status": "confirmed"}]
    await made(client, f"{path}/assessments", {"assessed_on": on, "diagnoses": diagnoses})
