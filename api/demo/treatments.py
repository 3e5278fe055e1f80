"""What the demo's courses consist of."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a kind of course consists of: protocol, formula, how it is injected."""

    protocol: str
    formula: str
    icd10: str
    area: str
    technique: str
    volume_ml: str
    points: int
    depth_mm: str
    lots: tuple[tuple[str, str], ...]  # ingredient or lot number, and mL drawn
    acknowledged: tuple[str, ...] = ()  # warnings that come with it each time


SCALP = Treatment(
    "P-CLASSIC-442", "classic", "L64.9", "SCALP_FRONTAL", "POINT_BY_POINT", "2", 50, "2",
    (("DEXPANTHENOL", "1"), ("BIOTIN", "1"), ("MEPIVACAINE", "0.5")),
)  # fmt: skip
WEEKLY = Treatment(
    "P-10-RCT", "plain", "L64.9", "SCALP_VERTEX", "NAPPAGE", "1.5", 90, "2",
    (("DEXPANTHENOL", "1"), ("NIACINAMIDE", "1")),
)  # fmt: skip
MELASMA = Treatment(
    "P-TXA-14", "txa", "L81.1", "CHEEK", "POINT_BY_POINT", "1", 25, "2",
    (("TRANEXAMIC_ACID", "1.5"),),
)  # fmt: skip
# From a lot of its own: a nodule will quarantine it, and the others go on.
MELASMA_OTHER_LOT = replace(MELASMA, lots=(("TX-0977", "1.5"),))
SKIN = Treatment(
    "P-HA-3", "hyaluronic", "L57.8", "FACE", "MICRO_DEPOT_HA", "2", 60, "2",
    (("HYALURONIC_ACID_NCL", "2"),),
)  # fmt: skip
PDRN = Treatment(
    "P-PDRN-12", "pdrn", "L64.9", "SCALP_MID", "POINT_BY_POINT", "2", 60, "3", (("PDRN", "2"),),
    ("DOSE-CONC-MAX",),
)  # fmt: skip
