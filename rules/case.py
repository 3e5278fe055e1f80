"""One case under judgement: the facts, the figures, and what follows from both by arithmetic.

Every rule reads doses and volumes here, so that they are reckoned in one place only.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from rules.arithmetic import line_dose_micro, mixture_volume_ul, share_micro
from rules.facts import Component, Facts, GivenDose
from rules.ingredient import Ingredient, Role
from rules.lines import Line, SessionDose
from rules.neighbours import Neighbours, neighbours
from rules.rule_set import RuleSet, look_back_days
from rules.stage import Stage


class Case:
    """The facts beside the figures in force, with the doses that follow from them."""

    def __init__(self, stage: Stage, facts: Facts, figures: RuleSet) -> None:
        """Hold the three; everything else is reckoned when a rule first asks for it."""
        self.stage = stage
        self.facts = facts
        self.figures = figures

    def on_day(self, day: date) -> "Case":
        """The same case on another day; what does not hang on the day is not reckoned again."""
        return self._again(replace(self.facts, on=day, at=None), _SAME_ON_ANY_DAY)

    def of_session(self, facts: Facts) -> "Case":
        """Another session of the same plan: its formula, volume and ingredients are not reckoned
        again. Raises ValueError where the facts are not of this plan and formula."""
        plan, mine = facts.plan, self.facts.plan
        if plan is None or mine is None or facts.formula is not self.facts.formula:
            raise ValueError("not a session of the same plan")
        if plan.volume_per_session_ul != mine.volume_per_session_ul:
            raise ValueError("not a session of the same volume")
        given = ("given_by_code",) if facts.given is self.facts.given else ()
        return self._again(facts, (*_SAME_IN_ANY_SESSION, *given))

    def _again(self, facts: Facts, names: Iterable[str]) -> "Case":
        other = Case(self.stage, facts, self.figures)
        other.__dict__.update({name: getattr(self, name) for name in names})
        return other

    @property
    def retrospective(self) -> bool:
        """Whether the injection has already happened and is only being recorded."""
        return self.facts.retrospective and self.stage is Stage.ADMINISTRATION

    def canonical(self, code: str) -> str:
        """The ingredient's own code for an alias or a salt; the code itself otherwise."""
        return self.figures.aliases.get(code, code)

    def ingredient(self, code: str) -> Ingredient | None:
        """The reference ingredient, or the clinic's own; None where neither knows the code."""
        known = self.figures.ingredients.get(self.canonical(code))
        return known if known is not None else self._own.get(code)

    @cached_property
    def _own(self) -> dict[str, Ingredient]:
        own: dict[str, Ingredient] = {}
        for ingredient in self.facts.own_ingredients:
            own.update(dict.fromkeys((*ingredient.aliases, ingredient.code), ingredient))
        return own

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The formula's lines in their order; empty without a formula."""
        formula = self.facts.formula
        if formula is None:
            return ()
        return tuple(self._line(index, each) for index, each in enumerate(formula.components))

    def _line(self, index: int, component: Component) -> Line:
        strength, volume = component.concentration_milli, component.volume_ul
        dose = None
        if strength is not None and volume is not None:
            dose = line_dose_micro(strength, volume)
        known = self.ingredient(component.ingredient_code)
        code = known.code if known else self.canonical(component.ingredient_code)
        return Line(index, component, code, known, dose)

    @cached_property
    def actives(self) -> tuple[Line, ...]:
        """The lines that are neither diluent nor buffer; an unknown ingredient counts as one."""
        inert = (Role.DILUENT, Role.BUFFER)
        return tuple(
            line for line in self.lines if not (line.ingredient and line.ingredient.role in inert)
        )

    @cached_property
    def prepared_ul(self) -> int | None:
        """The mixture's whole volume; None where a line's volume is missing or all are zero."""
        formula = self.facts.formula
        volumes = [line.component.volume_ul for line in self.lines]
        if formula is None or not volumes or None in volumes:
            return None
        known = [volume for volume in volumes if volume is not None]
        return mixture_volume_ul(known, formula.total_volume_ul) or None

    def syringe_ul(self, syringe: int) -> int | None:
        """The volume of one syringe; the declared total counts where there is only one."""
        mine = [
            line.component.volume_ul for line in self.lines if line.component.syringe == syringe
        ]
        if len(mine) == len(self.lines):
            return self.prepared_ul
        known = [volume for volume in mine if volume is not None]
        return sum(known) or None if len(known) == len(mine) else None

    @cached_property
    def given_ul(self) -> int | None:
        """The volume the patient gets: administered, else planned, else all that is mixed."""
        if self.stage is Stage.ADMINISTRATION:
            given = self.facts.administration
            if given is not None and given.administered_ul is not None:
                return given.administered_ul
            volumes = [area.volume_ul for area in given.areas] if given else []
            known = [volume for volume in volumes if volume is not None]
            return sum(known) if volumes and len(known) == len(volumes) else None
        plan = self.facts.plan if self.stage is not Stage.FORMULA_APPROVAL else None
        if plan is not None and plan.volume_per_session_ul is not None:
            return plan.volume_per_session_ul
        return self.prepared_ul

    @cached_property
    def doses(self) -> tuple[SessionDose, ...]:
        """What the session injects of each ingredient, sorted by code; see `SessionDose`."""
        return tuple(self._session_dose(code) for code in sorted(self._lines_by_code))

    @cached_property
    def visit_doses(self) -> tuple[SessionDose, ...]:
        """As `doses`, with what else is given at the visit; None where an amount is not known."""
        extra: dict[str, list[int | None]] = {}
        for other in self.facts.also_given:
            if other.ingredient_code is not None:
                known = self.ingredient(other.ingredient_code)
                code = known.code if known else self.canonical(other.ingredient_code)
                extra.setdefault(code, []).append(other.dose_micro)
        if not extra:
            return self.doses
        codes = sorted(self._lines_by_code.keys() | extra.keys())
        return tuple(self._session_dose(code, tuple(extra.get(code, ()))) for code in codes)

    @cached_property
    def _lines_by_code(self) -> dict[str, list[Line]]:
        lines: dict[str, list[Line]] = {}
        for line in self.lines:
            lines.setdefault(line.code, []).append(line)
        return lines

    def _session_dose(self, code: str, extra: tuple[int | None, ...] = ()) -> SessionDose:
        lines = tuple(self._lines_by_code.get(code, ()))
        injected = self._injected(lines) if lines else Fraction(0)
        known = [dose for dose in extra if dose is not None]
        whole = injected is not None and len(known) == len(extra)
        dose = injected + sum(known) if whole and injected is not None else None
        return SessionDose(code, self.ingredient(code), dose, lines)

    def _injected(self, lines: tuple[Line, ...]) -> Fraction | None:
        prepared, given = self.prepared_ul, self.given_ul
        doses = [line.dose_micro for line in lines]
        if prepared is None or given is None or None in doses:
            return None
        total = sum(dose for dose in doses if dose is not None)
        return share_micro(total, given, prepared)

    @cached_property
    def given_by_code(self) -> dict[str, list[GivenDose]]:
        """The doses of other sessions by the ingredient's own code; empty if not known."""
        return self._by_code(self.facts.given or ())

    @cached_property
    def recent_by_code(self) -> dict[str, list[GivenDose]]:
        """As `given_by_code`, without the doses that no limit of the formula looks back to.

        Later ones are all there. A long history is passed over once, not sorted out.
        """
        floor = self.facts.on - timedelta(days=self.look_back_days)
        grouped: dict[str, list[GivenDose]] | None = self.__dict__.get("given_by_code")
        if grouped is None:
            return self._by_code([dose for dose in self.facts.given or () if dose.on > floor])
        return {code: [each for each in grouped[code] if each.on > floor] for code in grouped}

    def _by_code(self, doses: Iterable[GivenDose]) -> dict[str, list[GivenDose]]:
        written: dict[str, list[GivenDose]] = {}
        for given in doses:
            written.setdefault(given.ingredient_code, []).append(given)
        found: dict[str, list[GivenDose]] = {}
        for name, some in written.items():  # each name is looked up once, not once a dose
            known = self.ingredient(name)
            found.setdefault(known.code if known else self.canonical(name), []).extend(some)
        return found

    @cached_property
    def look_back_days(self) -> int:
        """Doses given so many days before the day, or longer ago, change no answer."""
        plan = self.facts.plan
        protocol = plan.protocol if plan is not None else None
        days = [line.component.label_min_interval_days or 0 for line in self.lines]
        days.append(look_back_days(line.ingredient for line in self.lines if line.ingredient))
        if protocol is not None:
            days += [protocol.exception_days(line.code) or 0 for line in self.lines]
        return max(days) + 1  # a window of a day is 24 hours, and may begin the day before

    @cached_property
    def neighbours(self) -> Neighbours:
        """The plan's other sessions around this one; booked ones count only when scheduling."""
        number = self.facts.plan.session_number if self.facts.plan is not None else None
        booked_count = self.stage is Stage.SCHEDULING
        return neighbours(self.facts.sessions or (), number, booked_count)

    @property
    def day_pointer(self) -> str | None:
        """Where the day under judgement stands in the request body."""
        return _DAY_POINTERS.get(self.stage)

    def component_pointer(self, line: Line, field: str = "") -> str | None:
        """Where the line stands in the request body; only formula approval has lines in it."""
        if self.stage is not Stage.FORMULA_APPROVAL:
            return None
        return f"/components/{line.index}{field}"

    def dose_pointer(self, lines: tuple[Line, ...]) -> str | None:
        """Where the volume behind a dose stands in the request body of this stage."""
        if self.stage is Stage.FORMULA_APPROVAL and lines:
            return self.component_pointer(lines[0])
        return _DOSE_POINTERS.get(self.stage)


_SAME_IN_ANY_SESSION = (
    "_own", "lines", "_lines_by_code", "actives", "prepared_ul", "given_ul", "doses",
    "look_back_days",
)  # fmt: skip
_SAME_ON_ANY_DAY = (*_SAME_IN_ANY_SESSION, "given_by_code", "neighbours")

_DAY_POINTERS = {Stage.SCHEDULING: "/starts_at", Stage.ADMINISTRATION: "/performed_at"}
_DOSE_POINTERS = {
    Stage.PLAN_ACTIVATION: "/volume_per_session_ml",
    Stage.SCHEDULING: "/starts_at",
    Stage.ADMINISTRATION: "/areas/0/volume_ml",
}
