"""The demo's formulas."""

from api.demo.cupboard import receive_all
from api.demo.desk import Answer, Desk


def _line(code: str, value: str, unit: str, volume_ml: str, product: str) -> Answer:
    return {
        "ingredient_code": code,
        "stock_concentration": {"value": value, "unit": unit},
        "volume_ml": volume_ml,
        "product_name": product,
        "excipient_classes": [],
    }


# Name, indication, areas, lines, volume; all within the reference limits.
FORMULAS: dict[str, Answer] = {
    "classic": {
        "name": "Scalp classic", "indication": "L64.9", "areas": ["SCALP"], "ph": "6.2",
        "components": [
            _line("DEXPANTHENOL", "250", "mg/mL", "1", "Dexpanthenol 250 mg/mL"),
            _line("BIOTIN", "5", "mg/mL", "1", "Biotin 5 mg/mL"),
            _line("MEPIVACAINE", "10", "mg/mL", "0.5", "Mepivacaine 1 %"),
        ],
        "total_volume_ml": "2.5",
    },
    "plain": {
        "name": "Scalp vitamins, no anaesthetic", "indication": "L64.9", "areas": ["SCALP"],
        "ph": "6.5",
        "components": [
            _line("DEXPANTHENOL", "250", "mg/mL", "1", "Dexpanthenol 250 mg/mL"),
            _line("NIACINAMIDE", "20", "mg/mL", "1", "Niacinamide 20 mg/mL"),
        ],
        "total_volume_ml": "2",
    },
    "txa": {
        "name": "Melasma TXA 4 mg/mL", "indication": "L81.1", "areas": ["FACE"], "ph": "7",
        "components": [_line("TRANEXAMIC_ACID", "4", "mg/mL", "1.5", "TXA 4 mg/mL, ready mix")],
        "total_volume_ml": "1.5",
    },
    "hyaluronic": {
        "name": "Skin booster NCL-HA", "indication": "L57.8", "areas": ["FACE"], "ph": "7.1",
        "components": [_line("HYALURONIC_ACID_NCL", "10", "mg/mL", "2", "NCL-HA 1 %")],
        "total_volume_ml": "2",
    },
    "pdrn": {
        "name": "Scalp PDRN", "indication": "L64.9", "areas": ["SCALP"], "ph": "7",
        "components": [_line("PDRN", "1.875", "mg/mL", "2", "PDRN 5.625 mg / 3 mL")],
        "total_volume_ml": "2",
    },
}  # fmt: skip


async def stock(desk: Desk) -> None:
    """Author, approve and receive: the practitioner writes, the medical director approves.

    Afterwards `desk.known` has the ids of formulas by key, of lots by ingredient and by number,
    and of the reference protocols by code.
    """
    listed = await desk.get("director", "/v1/protocols?limit=200")
    desk.known["protocols"] = {row["code"]: row["id"] for row in listed["items"]}
    desk.known["formulas"] = {}
    for key, draft in FORMULAS.items():
        formula = await desk.post("practitioner", "/v1/formulas", draft)
        await _approve(desk, formula)
        desk.known["formulas"][key] = formula["id"]
    await _histories(desk)
    await receive_all(desk)


async def _approve(desk: Desk, formula: Answer) -> None:
    latest = formula["latest"]
    warnings = sorted({f["code"] for f in latest["findings"] if f["severity"] == "warn"})
    path = f"/v1/formulas/{formula['id']}"
    body = {"acknowledged": warnings}
    await desk.change("director", path, f"versions/{latest['number']}/approve", body)


async def _histories(desk: Desk) -> None:
    """Two drafts that wait, a version that was retired, and a newer draft of one in use."""
    waiting = FORMULAS["classic"] | {"name": "Scalp classic, with niacinamide"}
    await desk.post("practitioner", "/v1/formulas", waiting)
    # Four eyes: what the medical director wrote, no other here may approve; it stays a draft.
    await desk.post("director", "/v1/formulas", FORMULAS["plain"] | {"name": "Director's trial"})
    body = FORMULAS["plain"] | {"name": "Scalp vitamins 2025"}
    replaced = await desk.post("practitioner", "/v1/formulas", body)
    await _approve(desk, replaced)
    reason = {"reason": "Replaced by Scalp vitamins, no anaesthetic."}
    path = f"/v1/formulas/{replaced['id']}"
    await desk.change("director", path, "versions/1/retire", reason)
    lines = FORMULAS["plain"]["components"]
    newer = {"components": lines, "total_volume_ml": "2", "ph": "6.6", "change_reason": "New pH."}
    path = f"/v1/formulas/{desk.known['formulas']['plain']}"
    await desk.change("practitioner", path, "versions", newer)
