"""Rule on what must not meet: the pair table against the syringes of a visit."""

from collections.abc import Iterator

from rules import wording
from rules.case import Case
from rules.dosing import not_in_any_list
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage
from rules.tables import Pair
from rules.vehicles import final_strength

_BLOCK, _OVERRIDE, _WARN, _INFO = Severity


@rule(
    "MIX-INCOMPATIBLE-PAIR",
    18,
    title="Two things that must not be mixed",
    why="They destroy each other, fall out of solution, or add up in the patient.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE, _WARN, _INFO),
    if_missing=_BLOCK,
    remedy="Split into separate syringes or areas, or drop one",
    source="section 2.1",
    evidence="convention",
    passing="hyaluronic acid and saline",
    failing="hyaluronic acid and hyaluronidase (P01)",
    override_role=PRESCRIBER,
)
def incompatible_pairs(case: Case) -> Answer:
    """Every pair of the table, by code or attribute; each finding has its pair's own severity.

    A pair fires within one syringe; some also across syringes and against current medicines.
    """
    if not case.lines:
        return NOT_APPLICABLE
    tags = {line.index: _tags(line) for line in case.lines}
    everything = frozenset().union(*tags.values())
    faults = [not_in_any_list(case, line) for line in case.lines if line.ingredient is None]
    for pair in case.figures.pairs:
        if pair.condition in _ONCE and faults:
            continue  # "no data" has nothing to add to what is known
        if pair.checked_by is None and not everything.isdisjoint(pair.a):
            faults.extend(_pair_faults(case, pair, tags))
    return tuple(faults)


def _tags(line: Line) -> frozenset[str]:
    """All selectors that a line answers to."""
    known, stated = line.ingredient, line.component.excipient_classes
    words = {line.code, "*"}
    if known is not None:
        words.update(f"@{attribute}" for attribute in known.attributes)
        if stated is None:
            stated = known.allergy_classes + known.vehicle_classes
    words.update(f"#{each}" for each in stated or ())
    return frozenset(words)


def _pair_faults(case: Case, pair: Pair, tags: dict[int, frozenset[str]]) -> Iterator[Fault]:
    left = [line for line in case.lines if not tags[line.index].isdisjoint(pair.a)]
    told: set[frozenset[str]] = set()
    for one in left:
        for other in _partners(case, pair, one, tags):
            names = frozenset((one.code, other.code))
            if names not in told and _condition_holds(case, pair, one, other, tags):
                told.add(names)
                yield _fault(case, pair, one, other)
                if pair.condition in _ONCE:
                    return
    yield from _medicine_faults(case, pair, left)


def _partners(case: Case, pair: Pair, one: Line, tags: dict[int, frozenset[str]]) -> Iterator[Line]:
    """The lines that one must not meet; for a condition on one line alone, the line itself."""
    if pair.condition in _ON_ITSELF:
        yield one
        return
    for other in case.lines:
        near = pair.scope == "visit" or other.component.syringe == one.component.syringe
        spared = not tags[other.index].isdisjoint(pair.unless)
        if pair.condition == "preservative_free":
            spared = False  # the condition itself looks at what is spared
        meets = not tags[other.index].isdisjoint(pair.b)
        if near and meets and not spared and other.code != one.code:
            yield other


def _fault(case: Case, pair: Pair, one: Line, other: Line) -> Fault:
    if pair.condition == "oil" and one.component.oil is None:
        return unknown(
            _OVERRIDE,
            f"{one.code} ({pair.id}): whether it is in oil is not stated.",
            case.component_pointer(one),
            source=pair.source,
            evidence=pair.evidence,
        )
    last = max(one, other, key=lambda line: line.index)
    names = wording.listed(sorted({one.code, other.code}))
    return fail(
        pair.severity,
        f"{names} ({pair.id}): {pair.what}.",
        case.component_pointer(last),
        measured=names,
        source=pair.source,
        evidence=pair.evidence,
    )


def _medicine_faults(case: Case, pair: Pair, left: list[Line]) -> Iterator[Fault]:
    """The same pairs against what the patient takes; not asked is told, not passed."""
    if not pair.medications or not left or case.facts.patient is None:
        return
    taken, names = case.facts.patient.medications, wording.listed(sorted({x.code for x in left}))
    if taken is None:
        text = f"{names} ({pair.id}): current medicines were not asked."
        yield unknown(_WARN, text, source=pair.source, evidence=pair.evidence)
        return
    for medicine in sorted(set(taken).intersection(pair.medications)):
        text = f"{names} with the current medicine {medicine} ({pair.id}): {pair.what}."
        yield fail(
            pair.severity, text, measured=medicine, source=pair.source, evidence=pair.evidence
        )


_ON_ITSELF = frozenset({"oil", "no_isotonic_partner", "not_one_in_ten_with_lidocaine"})
_ONCE = frozenset({"no_stability_statement"})


def _condition_holds(
    case: Case, pair: Pair, one: Line, other: Line, tags: dict[int, frozenset[str]]
) -> bool:
    """What the pair depends on beside its two names; what is not stated counts as bad."""
    match pair.condition:
        case None:
            return True
        case "preservative_free":
            return (
                tags[other.index].isdisjoint(pair.unless) or "#BENZYL_ALCOHOL" in tags[other.index]
            )
        case "vehicle_not_covered":
            return not one.component.vehicle_covers_dilution
        case "above_solubility":
            return not one.component.vehicle_covers_dilution and _above_solubility(case, one)
        case "no_isotonic_partner":
            return not any("@isotonic" in tags[line.index] for line in _syringe(case, one))
        case "oil":
            return one.component.oil is not False
        case "not_one_in_ten_with_lidocaine":
            return not _buffered_lidocaine(case, one)
        case _:
            return _stability_unstated(case, one, other)


def _syringe(case: Case, one: Line) -> list[Line]:
    return [line for line in case.lines if line.component.syringe == one.component.syringe]


def _above_solubility(case: Case, line: Line) -> bool:
    figure = line.ingredient.solubility_milli if line.ingredient else None
    strength = final_strength(case, line)
    return figure is None or strength is None or strength > figure.value


def _buffered_lidocaine(case: Case, buffer: Line) -> bool:
    """Bicarbonate with lidocaine only, at most 0.1 mL of it per 1 mL."""
    others = [line for line in _syringe(case, buffer) if line.code != buffer.code]
    if not others or any(line.code not in ("LIDOCAINE", "LIDOCAINE_EPI") for line in others):
        return False
    volumes = [line.component.volume_ul for line in others]
    added = buffer.component.volume_ul
    if added is None or None in volumes:
        return False
    return added * 10 <= sum(volume for volume in volumes if volume is not None)


def _stability_unstated(case: Case, one: Line, other: Line) -> bool:
    """Two actives without a stability statement: said once, when the formula is approved."""
    formula = case.facts.formula
    stated = formula is not None and formula.stability_stated
    both = one in case.actives and other in case.actives
    return case.stage is Stage.FORMULA_APPROVAL and both and not stated
