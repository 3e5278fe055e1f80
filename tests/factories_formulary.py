"""Formulas and lots made through the public API; each returns the answer's JSON."""

from typing import Any

import httpx

from tests.factories import made

SCALP_CLASSIC: dict[str, Any] = {
    "name": "Scalp classic",
    "indication": "L64.9",
    "areas": ["SCALP"],
    "components": [
        {
            "ingredient_code": "DEXPANTHENOL",
            "stock_concentration": {"value": "250", "unit": "mg/mL"},
            "volume_ml": "2",
        },
        {
            "ingredient_code": "BIOTIN",
            "stock_concentration": {"value": "5", "unit": "mg/mL"},
            "volume_ml": "1",
        },
        {
            "ingredient_code": "LIDOCAINE",
            "stock_concentration": {"value": "20", "unit": "mg/mL"},
            "volume_ml": "0.5",
        },
    ],
    "total_volume_ml": "3.5",
    "ph": "6.2",
}


def line(code: str, value: str, unit: str, volume_ml: str, **over: Any) -> dict[str, Any]:
    """One component of a formula."""
    stock = {"value": value, "unit": unit}
    return {"ingredient_code": code, "stock_concentration": stock, "volume_ml": volume_ml} | over


async def make_formula(client: httpx.AsyncClient, **over: Any) -> dict[str, Any]:
    """A formula whose version 1 is a draft; SCALP_CLASSIC unless told otherwise."""
    return await made(client, "/v1/formulas", SCALP_CLASSIC | over)


async def approve_formula(
    client: httpx.AsyncClient, formula: dict[str, Any], **answers: Any
) -> dict[str, Any]:
    """Approve the latest version, with acknowledgement of every warning."""
    number = formula["latest"]["number"]
    warnings = [f["code"] for f in formula["latest"]["findings"] if f["severity"] == "warn"]
    answer = await client.post(
        f"/v1/formulas/{formula['id']}/versions/{number}/approve",
        json={"acknowledged": sorted(set(warnings))} | answers,
        headers={"If-Match": f'"{formula["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def make_lot(client: httpx.AsyncClient, **over: Any) -> dict[str, Any]:
    """A multi-dose lot of lidocaine that is good for more than a year of the test clock."""
    body = {
        "ingredient_code": "LIDOCAINE",
        "product_name": "Lidocaine 2 %",
        "manufacturer": "Acme Pharma",
        "lot_number": "LX-20417",
        "expires_on": "2027-08",
        "container": "multi_dose",
        "received_volume_ml": "50",
        "excipient_classes": ["PARABEN"],
    }
    return await made(client, "/v1/lots", body | over)
