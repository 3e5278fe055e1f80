"""What can be measured, with its unit and range: body weight, outcome measures, shedding scores.

Ranges are those that the scales themselves define (clinical reference 5.3 and 7.1). Where none is
defined, anything that can be stored is taken: plausibility is a physician's question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rules import codes


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale. Numbers run from `low` to `high`, both included; grades are one of `grades`."""

    low: Decimal | None = None
    high: Decimal | None = None
    whole: bool = False
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of measurement.

    units: the ones accepted, the first where none is said; empty for a bare score or grade.
    scales: by name; the empty name is the only scale, which need not be named.
    site: whether the place on the body must be said.
    """

    name: str
    units: tuple[str, ...]
    scales: Mapping[str, Scale]
    site: bool = False


def _numbers(low: str | None = None, high: str | None = None, *, whole: bool = False) -> Scale:
    return Scale(Decimal(low) if low else None, Decimal(high) if high else None, whole)


def _only(scale: Scale) -> Mapping[str, Scale]:
    return {"": scale}


def _grades(name: str) -> Mapping[str, Scale]:
    return _only(Scale(grades=codes.SCALES[name]))


_AMOUNT = _only(_numbers("0"))
_COUNT = _only(_numbers("0", whole=True))
_PERCENT = _only(_numbers("0", "100"))

WEIGHT = "weight"
SHED_SCORE = "SHED_SCORE"

MEASURES: Mapping[str, Measure] = {
    # Finer than a gram is not stored; a child of 0.2 kg is nobody's patient.
    WEIGHT: Measure("Body weight", ("kg",), _only(_numbers("0.2", "500"))),
    "DENSITY_TOTAL": Measure("Hair density", ("hairs/cm2",), _AMOUNT),
    "DENSITY_TERMINAL": Measure("Terminal hair density", ("hairs/cm2",), _AMOUNT),
    "DENSITY_VELLUS": Measure("Vellus hair density", ("hairs/cm2",), _AMOUNT),
    "T_V_RATIO": Measure("Terminal to vellus ratio", ("ratio",), _AMOUNT),
    "DIAMETER_MEAN": Measure("Mean shaft diameter", ("um",), _AMOUNT),
    "DIAMETER_CV": Measure("Variability of shaft diameter", ("%",), _AMOUNT),
    "ANAGEN_PCT": Measure("Share of anagen hairs", ("%",), _PERCENT),
    "TELOGEN_PCT": Measure("Share of telogen hairs", ("%",), _PERCENT),
    "PULL_TEST_SITE": Measure(
        "Hairs extracted of 50 to 60, at one site",
        ("count",),
        _only(_numbers("0", "60", whole=True)),
        site=True,
    ),
    SHED_SCORE: Measure(
        "Hair shedding score",
        (),
        {
            "HAIR_SHEDDING_SCALE": _numbers("1", "6", whole=True),
            "HAIR_SHEDDING_VISUAL": _numbers("1", "9", whole=True),
        },
    ),
    "SHED_COUNT_60S": Measure("60-second comb count, mean of 3 days", ("count",), _AMOUNT),
    "WASH_TEST": Measure("Modified wash test", ("count", "%"), _AMOUNT),
    "GPA7": Measure("Blinded global photo assessment", (), _only(_numbers("-3", "3", whole=True))),
    "SATISFACTION": Measure("Patient's satisfaction", (), _only(_numbers("1", "5", whole=True))),
    "DLQI": Measure("Dermatology life quality index", (), _only(_numbers("0", "30", whole=True))),
    "HAIRDEX": Measure("Hairdex", (), _AMOUNT),
    "SALT": Measure("Severity of alopecia", ("%",), _PERCENT),
    "NORWOOD": Measure("Norwood-Hamilton stage", (), _grades("NORWOOD_HAMILTON")),
    "LUDWIG": Measure("Ludwig stage", (), _grades("LUDWIG")),
    "SINCLAIR": Measure("Sinclair midline stage", (), _grades("SINCLAIR")),
    "MMASI": Measure("Modified melasma area and severity index", (), _AMOUNT),
    "GAIS": Measure("Global aesthetic improvement", (), _only(_numbers("-1", "3", whole=True))),
}
