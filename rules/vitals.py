"""Rules on the patient of the day: the site, the temperature, the circulation."""

from rules.arithmetic import decimal_text
from rules.case import Case
from rules.facts import Screening
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN
_SESSION = (Stage.CHECK_IN, Stage.ADMINISTRATION)


_FIELDS = {"systolic": "systolic_mmhg", "diastolic": "diastolic_mmhg", "pulse": "pulse_bpm"}


def _pointer(case: Case, field: str) -> str | None:
    return f"/{_FIELDS.get(field, field)}" if case.stage is Stage.CHECK_IN else None


@rule(
    "CONTRA-SITE-INFECTION",
    40,
    title="Infection at the site, or fever",
    why="A needle carries what is on the skin into it.",
    stages=_SESSION,
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Postpone until resolved",
    source="label [DCA-LBL], [HYA-LBL]; convention",
    evidence="label",
    passing="clean site, 37.9 °C",
    failing="clean site, 38.0 °C",
    parameters=("site.fever_from",),
)
def site_and_fever(case: Case) -> Answer:
    """No infection, inflammation, wound or herpes at the site; temperature below the figure."""
    seen = case.facts.screening or Screening()
    faults: list[Fault] = []
    if seen.site_infection is None:
        text = "The site was not inspected."
        faults.append(unknown(_BLOCK, text, _pointer(case, "site_clear")))
    elif seen.site_infection:
        text = "There is infection, inflammation, an open wound or herpes at the site."
        faults.append(fail(_BLOCK, text, _pointer(case, "site_clear")))
    fever, pointer = case.figures.integer("site.fever_from"), _pointer(case, "temperature_c")
    if seen.temperature_tenths is None:
        faults.append(unknown(_BLOCK, "The temperature was not taken.", pointer))
    elif seen.temperature_tenths >= fever:
        measured, limit = decimal_text(seen.temperature_tenths, 1), decimal_text(fever, 1)
        text = f"The temperature is {measured} °C; it must be below {limit} °C."
        faults.append(fail(_BLOCK, text, pointer, measured=measured, limit=limit, unit="°C"))
    return tuple(faults)


@rule(
    "CONTRA-VITALS",
    41,
    title="Blood pressure or pulse outside the range",
    why="Vasodilators and anaesthetics lower pressure; a patient at the edge falls over it.",
    stages=_SESSION,
    severities=(_BLOCK, _OVERRIDE, _WARN),
    if_missing=_BLOCK,
    remedy="Rest 10 min, repeat, else defer",
    source="`unsure` (convention)",
    evidence="unsure",
    passing="100/70 mmHg, pulse 100, with minoxidil",
    failing="99/70 mmHg, pulse 100, with minoxidil",
    override_role=PRESCRIBER,
    parameters=(
        "vitals.systolic_min", "vitals.systolic_max", "vitals.diastolic_max", "vitals.pulse_min",
        "vitals.pulse_max", "vitals.vasodilator_systolic_min", "vitals.vasodilator_pulse_max",
    ),
)  # fmt: skip
def vital_signs(case: Case) -> Answer:
    """Both bounds inclusive; tighter with a vasodilator.

    Missing values block where the formula holds a vasodilator or anaesthetic, else they warn.
    """
    seen = case.facts.screening or Screening()
    figures = {
        key: case.figures.integer(f"vitals.{key}")
        for key in ("systolic_min", "systolic_max", "diastolic_max", "pulse_min", "pulse_max")
    }
    if _holds(case, "vasodilator"):
        low = case.figures.integer("vitals.vasodilator_systolic_min")
        high = case.figures.integer("vitals.vasodilator_pulse_max")
        figures["systolic_min"] = max(figures["systolic_min"], low)
        figures["pulse_max"] = min(figures["pulse_max"], high)
    matters = _holds(case, "vasodilator") or _holds(case, "local_anaesthetic")
    readings = (
        ("systolic", "Systolic pressure", seen.systolic, "mmHg"),
        ("diastolic", "Diastolic pressure", seen.diastolic, "mmHg"),
        ("pulse", "Pulse", seen.pulse, "/min"),
    )
    faults: list[Fault] = []
    for key, name, value, unit in readings:
        low_high = figures.get(f"{key}_min"), figures.get(f"{key}_max")
        if value is None:
            severity = _BLOCK if matters else _WARN
            faults.append(unknown(severity, f"{name} was not taken.", _pointer(case, key)))
        else:
            faults.extend(_outside(case, key, name, value, unit, low_high))
    return tuple(faults)


def _holds(case: Case, attribute: str) -> bool:
    return any(line.ingredient and line.ingredient.has(attribute) for line in case.lines)


def _outside(
    case: Case, key: str, name: str, value: int, unit: str, bounds: tuple[int | None, int | None]
) -> list[Fault]:
    low, high = bounds
    if (low is None or value >= low) and (high is None or value <= high):
        return []
    limit = f"at most {high}" if low is None else f"{low} to {high}"
    text = f"{name} is {value} {unit}; {limit} is accepted."
    return [fail(_OVERRIDE, text, _pointer(case, key), measured=str(value), limit=limit, unit=unit)]
