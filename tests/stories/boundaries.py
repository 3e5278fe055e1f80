"""Both sides of the boundary of each rule of the foundation, one step apart.

This table is what `test_rule_boundaries.py` runs and what the documentation quotes. Figures are
those of the reference rule set, each a default to be confirmed by the medical director.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.stories.situations import (
    DUTASTERIDE,
    PDRN,
    SOLUBILISED,
    Ask,
    activating,
    approving,
    at_the_door,
    booking_a_fifth_dose,
    booking_after,
    booking_after_an_effect,
    drug,
    injecting,
    saline,
)


@dataclass(frozen=True)
class Side:
    """One side: what is asked, in words and as arguments of the situation."""

    words: str
    given: dict[str, Any]


@dataclass(frozen=True)
class Boundary:
    """The last input that passes, the first that does not, and what is found then."""

    rule: str
    situation: Callable[..., Awaitable[Ask]]
    passes: Side
    fails: Side
    severity: str
    measured: str | None = None
    limit: str | None = None
    unit: str | None = None
    also: tuple[str, ...] = field(default=())  # rules that are overridden on both sides


def _mixture(*lines: Any, **over: Any) -> dict[str, Any]:
    return {"lines": lines, **over}


_EIGHT_MG = drug("MINOXIDIL", "20", "0.4", **SOLUBILISED)
_HALF_OF_LIDOCAINE = drug("LIDOCAINE", "20", "7.5")  # 150 of 300 mg
_LIDOCAINE = drug("LIDOCAINE", "20", "1")
_BIOTIN = drug("BIOTIN", "5", "1")
_VITAMINS = (drug("DEXPANTHENOL", "250", "1"), drug("BIOTIN", "5", "0.5"), saline("0.5"))
_WEEKLY = {"protocol": "P-CLASSIC-442"}
_NOT_PREGNANT = {"pregnancy_status": "not_pregnant", "lactating": False}
_TESTED = _NOT_PREGNANT | {
    "childbearing_potential": True, "pregnancy_test_result": "negative",
    "contraception": "Copper intrauterine device", "contraception_effective": True,
}  # fmt: skip
_PDRN = {"lines": PDRN}
_PENICILLIN = {"code": "OTHER", "substance": "Penicillin"}
_WOMAN = {"sex": "female", "lines": DUTASTERIDE}

BOUNDARIES = (
    Boundary(
        "STATUS-PROHIBITED", approving,
        Side(
            "pentoxifylline and lidocaine", _mixture(drug("PENTOXIFYLLINE", "20", "1"), _LIDOCAINE)
        ),
        Side("buflomedil and lidocaine", _mixture(drug("BUFLOMEDIL", "10", "1"), _LIDOCAINE)),
        "block", "BUFLOMEDIL",
    ),
    Boundary(
        "DOSE-CONC-MAX", approving,
        Side("8 mg minoxidil in 1.6 mL: 5 mg/mL", _mixture(_EIGHT_MG, saline("1.2"))),
        Side("8 mg minoxidil in 1.5 mL: 5.3333 mg/mL", _mixture(_EIGHT_MG, saline("1.1"))),
        "override", "5.3333", "5", "mg/mL",
    ),
    Boundary(
        "DOSE-ABS-MAX", approving,
        Side("15 mL lidocaine 20 mg/mL: 300 mg", _mixture(drug("LIDOCAINE", "20", "15"))),
        Side("15.001 mL lidocaine: 300.02 mg", _mixture(drug("LIDOCAINE", "20", "15.001"))),
        "block", "300.02", "300", "mg",
    ),
    Boundary(
        "DOSE-WEIGHT-MAX", activating,
        Side(
            "13.5 mL lidocaine 20 mg/mL at 60 kg: 270 mg, 4.5 mg/kg",
            _mixture(drug("LIDOCAINE", "20", "15"), volume_ml="13.5", weight_kg="60"),
        ),
        Side(
            "13.501 mL at 60 kg: 270.02 mg",
            _mixture(drug("LIDOCAINE", "20", "15"), volume_ml="13.501", weight_kg="60"),
        ),
        "block", "270.02", "270", "mg", ("VOL-AREA-MAX", "VOL-POINT-MAX"),
    ),
    Boundary(
        "DOSE-LA-ADDITIVE", approving,
        Side(
            "150/300 mg lidocaine + 175/350 mg procaine: 1.000",
            _mixture(_HALF_OF_LIDOCAINE, drug("PROCAINE", "20", "8.75")),
        ),
        Side(
            "150/300 mg lidocaine + 178.5/350 mg procaine: 1.010",
            _mixture(_HALF_OF_LIDOCAINE, drug("PROCAINE", "20", "8.925")),
        ),
        "block", "1.01", "1", "1", ("MIX-TWO-ANAESTHETICS", "MIX-INCOMPATIBLE-PAIR"),
    ),
    Boundary(
        "DOSE-CUMULATIVE-WINDOW", booking_a_fifth_dose,
        Side("minoxidil 28 days after the first of four: 40 mg in 28 d", {"on": "2026-03-30"}),
        Side("27 days after the first of four: 50 mg in 28 d", {"on": "2026-03-29"}),
        "override", "50", "40", "mg",
    ),
    Boundary(
        "MIX-VOLUME-BALANCE", approving,
        Side("lines of 2 mL, 2.1 mL declared", _mixture(*_VITAMINS, total_volume_ml="2.1")),
        Side("lines of 2 mL, 2.101 mL declared", _mixture(*_VITAMINS, total_volume_ml="2.101")),
        "block", "0.101", "0.1", "mL",
    ),
    Boundary(
        "MIX-INCOMPATIBLE-PAIR", approving,
        Side(
            "hyaluronic acid and saline",
            _mixture(drug("HYALURONIC_ACID_NCL", "20", "1"), saline("1")),
        ),
        Side(
            "hyaluronic acid and hyaluronidase (P01)",
            _mixture(
                drug("HYALURONIC_ACID_NCL", "20", "1"), drug("HYALURONIDASE", "150", "1", "U/mL")
            ),
        ),
        "block", "HYALURONIC_ACID_NCL and HYALURONIDASE",
    ),
    Boundary(
        "MIX-TWO-ANAESTHETICS", approving,
        Side("lidocaine and biotin", _mixture(_LIDOCAINE, _BIOTIN)),
        Side("lidocaine and procaine", _mixture(_LIDOCAINE, drug("PROCAINE", "20", "1"))),
        "override", "2", "1", "anaesthetics",
    ),
    Boundary(
        "SPACING-MIN-INTERVAL", booking_after,
        Side("6 days after session 1, phase A of P-CLASSIC-442", _WEEKLY | {"days": 6}),
        Side("5 days", _WEEKLY | {"days": 5}),
        "override", "5", "6", "d",
    ),
    Boundary(
        "SPACING-INGREDIENT-MIN", booking_after,
        Side(
            "dutasteride 28 days after the last, over the change to summer time",
            {"lines": DUTASTERIDE, "protocol": "P-DUTA-Q4W", "days": 28},
        ),
        Side("27 days", {"lines": DUTASTERIDE, "protocol": "P-DUTA-Q4W", "days": 27}),
        "override", "27", "28", "d",
    ),
    Boundary(
        "SPACING-MAX-GAP", booking_after,
        Side("10 days after session 1, phase A of P-CLASSIC-442", _WEEKLY | {"days": 10}),
        Side("11 days", _WEEKLY | {"days": 11}),
        "warn", "11", "10", "d",
    ),
    Boundary(
        "CONSENT-VALID", activating,
        Side("signed 365 days ago", {"signed_on": "2025-03-02"}),
        Side("signed 366 days ago", {"signed_on": "2025-03-01"}),
        "block", "366", "365", "d",
    ),
    Boundary(
        "CONTRA-PREGNANCY", at_the_door,
        Side("a woman, asked today, not pregnant", {"sex": "female", "screening": _NOT_PREGNANT}),
        Side("pregnant", {"sex": "female", "screening": {"pregnancy_status": "pregnant"}}),
        "block", "pregnant",
    ),
    Boundary(
        "CONTRA-PREGNANCY-5ARI", at_the_door,
        Side(
            "dutasteride; negative test 7 days old, effective contraception",
            _WOMAN | {"screening": _TESTED | {"pregnancy_test_on": "2026-03-03"}},
        ),
        Side(
            "negative test 8 days old",
            _WOMAN | {"screening": _TESTED | {"pregnancy_test_on": "2026-03-02"}},
        ),
        "block", "8", "7", "d",
    ),
    Boundary(
        "CONTRA-ALLERGY-CLASS", at_the_door,
        Side("penicillin allergy and PDRN", _PDRN | {"allergies": [_PENICILLIN]}),
        Side("fish allergy and PDRN (salmonid DNA)", _PDRN | {"allergies": [{"code": "FISH"}]}),
        "block", "FISH",
    ),
    Boundary(
        "LOT-EXPIRY", injecting,
        Side("used on its last day, 10 March", {"expires_on": "2026-03-10"}),
        Side("used the day after its last, 9 March", {"expires_on": "2026-03-09"}),
        "block", "2026-03-10", "2026-03-09",
    ),
    Boundary(
        "AE-HOLD-GRADE", booking_after_an_effect,
        Side("open bruise of grade 1", {"grade": 1}),
        Side("open bruise of grade 2, its hold released", {"grade": 2}),
        "override", "2", "1", "grade",
    ),
    Boundary(
        "ROLE-FOUR-EYES", approving,
        Side(
            "another medical director approves",
            _mixture(_BIOTIN, author="medical_director", approver="second:medical_director"),
        ),
        Side("the author approves", _mixture(_BIOTIN, author="medical_director")),
        "block",
    ),
)  # fmt: skip
