"""Rules on lots: in date, not withdrawn, container used as its label allows."""

from calendar import monthrange
from datetime import date

from rules.case import Case
from rules.facts import LotInUse
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK = Severity.BLOCK


def expiry_day(text: str) -> date:
    """The last day of use that a label states: "2025-06" is 2025-06-30.

    Raises ValueError for anything but YYYY-MM-DD and YYYY-MM.
    """
    try:
        match [len(part) for part in text.split("-")]:
            case [4, 2]:
                first = date.fromisoformat(f"{text}-01")
                return first.replace(day=monthrange(first.year, first.month)[1])
            case [4, 2, 2]:
                return date.fromisoformat(text)
    except ValueError:
        pass  # told below, with the shapes that are read
    raise ValueError("an expiry is YYYY-MM-DD or YYYY-MM")


@rule(
    "LOT-EXPIRY",
    42,
    title="Lot out of date or withdrawn",
    why="What is out of date, quarantined or recalled is not injected.",
    stages=(Stage.ADMINISTRATION,),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Use another lot",
    source="convention; traceability [ESP-2011]",
    evidence="convention",
    passing="used on its expiry day",
    failing="used the day after",
)
def lots_in_date(case: Case) -> Answer:
    """Every lot drawn from: day of use at most its expiry day, state `available`."""
    if not case.facts.lots:
        return (unknown(_BLOCK, "No lot is recorded for what was injected.", "/lots"),)
    return tuple(
        fault
        for place, lot in enumerate(case.facts.lots)
        for fault in _lot_faults(case, lot, f"/lots/{place}/lot_id")
    )


def _lot_faults(case: Case, lot: LotInUse, pointer: str) -> list[Fault]:
    name, on, faults = lot.lot_number or lot.lot_id, case.facts.on, []
    if lot.state not in ("available", "expired"):
        word = lot.state.replace("_", " ")
        faults.append(fail(_BLOCK, f"Lot {name} is {word}.", pointer, measured=lot.state))
    if lot.expires_on is None:
        faults.append(unknown(_BLOCK, f"The expiry of lot {name} is not recorded.", pointer))
    elif on > lot.expires_on:
        text = f"Lot {name} expired on {lot.expires_on.isoformat()}; this is {on.isoformat()}."
        day = lot.expires_on.isoformat()
        faults.append(fail(_BLOCK, text, pointer, measured=on.isoformat(), limit=day))
    return faults


@rule(
    "LOT-CONTAINER-USE",
    43,
    title="Container used too long or for too many",
    why="Outbreaks start in vials that were shared or kept open.",
    stages=(Stage.ADMINISTRATION,),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Discard",
    source="CDC single-dose position [CDC-SDV]; 28 d default [MDV-28]",
    evidence="convention",
    passing="a multi-dose vial 28 days after opening",
    failing="29 days after opening",
    parameters=("lot.multi_dose_days",),
)
def container_use(case: Case) -> Answer:
    """Single-dose: one patient. Multi-dose: days since opening, or the label if shorter."""
    if not case.facts.lots:
        return NOT_APPLICABLE
    found = (
        _container_fault(case, lot, f"/lots/{place}/lot_id")
        for place, lot in enumerate(case.facts.lots)
    )
    return tuple(fault for fault in found if fault is not None)


def _container_fault(case: Case, lot: LotInUse, pointer: str) -> Fault | None:
    name = lot.lot_number or lot.lot_id
    if lot.container == "single_dose":
        if lot.other_patients is None:
            text = f"Whom else container {name} served is not known."
            return unknown(_BLOCK, text, pointer)
        if lot.other_patients == 0:
            return None
        text = f"Single-dose container {name} has already served another patient."
        return fail(_BLOCK, text, pointer, measured=str(lot.other_patients + 1), limit="1")
    if lot.container != "multi_dose" or lot.opened_on is None:
        return unknown(_BLOCK, f"Container or opening day of {name} is not recorded.", pointer)
    most = case.figures.integer("lot.multi_dose_days")
    if lot.opened_days_max is not None:
        most = min(most, lot.opened_days_max)
    days = (case.facts.on - lot.opened_on).days
    if 0 <= days <= most:
        return None
    text = f"Vial {name} was opened {days} days ago; at most {most} days are allowed."
    return fail(_BLOCK, text, pointer, measured=str(days), limit=str(most), unit="d")
