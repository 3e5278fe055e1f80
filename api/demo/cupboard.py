"""What stands in the demo's cupboard: bottles that are received, opened and replaced in time."""

from dataclasses import dataclass
from datetime import date, timedelta

from api.clock import local_day
from api.demo.desk import ZONE, Desk

# Ingredient, product, number, days until expiry (seen from today), volume, container.
_LOTS = (
    ("DEXPANTHENOL", "Dexpanthenol 250 mg/mL", "DX-2401", 400, "500", "multi_dose"),
    ("BIOTIN", "Biotin 5 mg/mL", "BI-7719", 320, "500", "multi_dose"),
    ("MEPIVACAINE", "Mepivacaine 1 %", "ME-0330", 500, "400", "multi_dose"),
    ("NIACINAMIDE", "Niacinamide 20 mg/mL", "NI-5512", 260, "300", "multi_dose"),
    ("TRANEXAMIC_ACID", "TXA 4 mg/mL, ready mix", "TX-1180", 200, "200", "multi_dose"),
    ("HYALURONIC_ACID_NCL", "NCL-HA 1 %", "HA-9004", 700, "200", "multi_dose"),
    ("PDRN", "PDRN 5.625 mg / 3 mL", "PD-3321", 365, "200", "multi_dose"),
    ("TRANEXAMIC_ACID", "TXA 4 mg/mL, ready mix", "TX-0977", 150, "50", "multi_dose"),
    ("BIOTIN", "Biotin 5 mg/mL", "BI-6602", -12, "50", "multi_dose"),
    ("MEPIVACAINE", "Mepivacaine 1 %", "ME-0299", 90, "50", "multi_dose"),
)
_OPEN_FOR = timedelta(days=28)


@dataclass(slots=True)
class Bottle:
    """A product by its place in the list, the bottle in use, and since when it is open."""

    place: int
    lot_id: str
    opened_on: date | None = None
    received: int = 1


async def receive_all(desk: Desk) -> None:
    """One bottle of everything. `desk.known["bottles"]` has them by ingredient and by number."""
    bottles: dict[str, Bottle] = {}
    for place, (code, _, number, *_) in enumerate(_LOTS):
        bottle = Bottle(place, await _receive(desk, place, number))
        bottles.setdefault(code, bottle)
        bottles[number] = bottle
    desk.known["bottles"] = bottles
    body = {"reason": "Particles seen in a vial on arrival."}
    await desk.change("nurse", f"/v1/lots/{bottles['ME-0299'].lot_id}", "quarantine", body)


async def _receive(desk: Desk, place: int, number: str) -> str:
    code, product, _, days, volume, container = _LOTS[place]
    lot = await desk.post(
        "nurse",
        "/v1/lots",
        {
            "ingredient_code": code,
            "product_name": product,
            "manufacturer": "Laboratoire Exemple",
            "lot_number": number,
            "expires_on": (desk.today + timedelta(days=days)).isoformat(),
            "container": container,
            "received_volume_ml": volume,
            "excipient_classes": [],
        },
    )
    return str(lot["id"])


async def lot_in_use(desk: Desk, name: str) -> str:
    """The open bottle of that ingredient or number; a new one where it is open for too long."""
    bottle: Bottle = desk.known["bottles"][name]
    today = local_day(desk.clock.now, ZONE)
    if bottle.opened_on is not None and today - bottle.opened_on > _OPEN_FOR:
        bottle.received += 1
        number = f"{_LOTS[bottle.place][2]}-{bottle.received}"
        bottle.lot_id, bottle.opened_on = await _receive(desk, bottle.place, number), None
    bottle.opened_on = bottle.opened_on or today
    return bottle.lot_id
