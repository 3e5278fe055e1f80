"""Which way each figure of a rule set is strict: what a clinic's own version is compared by.

A field that is named nowhere here is compared as `Kind.FIXED`: any change of it counts as looser,
so a field that is forgotten can refuse a change but never let one through.
"""

from dataclasses import dataclass
from enum import StrEnum

from rules.finding import Severity


class Kind(StrEnum):
    """How two values of a field are compared.

    maximum, minimum: sourced figures, of which the smaller, or the larger, is stricter; none at
    all is looser. required_maximum: the same, but what has none is held up as unknown, so that
    giving it one lets something through and asks for a reason. most, least: plain whole numbers.
    more, fewer: lists that are stricter with more, or fewer, words. only: a list that allows what
    it names, and anything when empty. every: a list that concerns what it names, and everything
    when empty. on, off: truth values by the stricter one. scale: words from loose to strict.
    none_is_strict: a condition, without which a row always applies. words: told to people.
    """

    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    REQUIRED_MAXIMUM = "required_maximum"
    MOST = "most"
    LEAST = "least"
    MORE = "more"
    FEWER = "fewer"
    ONLY = "only"
    EVERY = "every"
    ON = "on"
    OFF = "off"
    SCALE = "scale"
    NONE_IS_STRICT = "none_is_strict"
    WORDS = "words"
    FIXED = "fixed"


FIGURES = (Kind.MAXIMUM, Kind.MINIMUM, Kind.REQUIRED_MAXIMUM)
SEVERITIES = tuple(severity.value for severity in reversed(Severity))  # loose to strict


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is compared, and what people call it.

    scale: loose to strict. absent: what holds where the field is not there.
    """

    kind: Kind
    title: str
    scale: tuple[str | None, ...] = ()
    absent: bool | None = None


UNKNOWN_FIELD = Field(Kind.FIXED, "")


def _words(*names: str) -> dict[str, Field]:
    return {name: Field(Kind.WORDS, name.replace("_", " ")) for name in names}


_TOLD = _words("name", "source", "evidence", "note")

INGREDIENT = {
    "max_concentration": Field(Kind.REQUIRED_MAXIMUM, "maximum concentration"),
    "ceiling_concentration": Field(Kind.MAXIMUM, "ceiling of the concentration"),
    "max_session": Field(Kind.REQUIRED_MAXIMUM, "maximum per session"),
    "ceiling_session": Field(Kind.MAXIMUM, "ceiling per session"),
    "max_per_kg": Field(Kind.MAXIMUM, "maximum per kilogram of body weight"),
    "cumulative_max": Field(Kind.MAXIMUM, "maximum within the window"),
    "cumulative_window": Field(Kind.MINIMUM, "window of the cumulative maximum"),
    "min_interval": Field(Kind.MINIMUM, "minimum interval"),
    "max_sessions": Field(Kind.MAXIMUM, "maximum number of sessions"),
    "max_per_cm2": Field(Kind.MAXIMUM, "maximum per square centimetre"),
    "max_point": Field(Kind.MAXIMUM, "maximum volume per point"),
    "solubility": Field(Kind.MAXIMUM, "solubility in water"),
    "donation_deferral": Field(Kind.MINIMUM, "deferral of blood donation"),
    "session_severity": Field(Kind.SCALE, "severity of the session maximum", SEVERITIES),
    "status": Field(Kind.SCALE, "status", ("allowed", "restricted", "prohibited")),
    "composition_known": Field(Kind.OFF, "composition known", absent=True),
    "allergy_classes": Field(Kind.MORE, "allergy classes"),
    "vehicle_classes": Field(Kind.MORE, "classes of the vehicle"),
    "contra_block": Field(Kind.MORE, "conditions that rule it out"),
    "contra_override": Field(Kind.MORE, "conditions that need an override"),
    "interactions": Field(Kind.MORE, "interactions"),
    "denied_areas": Field(Kind.MORE, "areas where it must not be used"),
    "allowed_areas": Field(Kind.ONLY, "areas where alone it may be used"),
    "indications": Field(Kind.ONLY, "indications for which alone it may be used"),
    "admix_allowed": Field(Kind.FEWER, "what it may be mixed with"),
    "lab_interference": Field(Kind.MORE, "laboratory tests that it disturbs"),
    **_TOLD,
    **_words("category", "usual_concentration", "usual_dose", "atc", "cas", "unii", "vehicle"),
}

TABLES: dict[str, dict[str, Field]] = {
    "rules": {"active": Field(Kind.ON, "asked", absent=True)},
    "ingredients": INGREDIENT,
    "pairs": {
        "a": Field(Kind.MORE, "what must not be mixed"),
        "b": Field(Kind.MORE, "with what"),
        "unless": Field(Kind.FEWER, "exceptions"),
        "scope": Field(Kind.SCALE, "scope", ("syringe", "visit")),
        "medications": Field(Kind.MORE, "medicines that count"),
        "condition": Field(Kind.NONE_IS_STRICT, "condition"),
        "checked_by": Field(Kind.NONE_IS_STRICT, "rule that answers instead"),
        "severity": Field(Kind.SCALE, "severity", SEVERITIES),
        **_TOLD,
        **_words("what"),
    },
    "areas": {
        "max_volume": Field(Kind.MAXIMUM, "maximum volume per session"),
        "max_depth": Field(Kind.MAXIMUM, "maximum depth"),
        "min_spacing": Field(Kind.MINIMUM, "minimum distance of points"),
        "sided": Field(Kind.OFF, "each side counted by itself"),
        **_TOLD,
        **_words("typical_cm2"),
    },
    "techniques": {
        "max_depth": Field(Kind.MAXIMUM, "maximum depth"),
        "max_point": Field(Kind.MAXIMUM, "maximum volume per point"),
        "min_spacing": Field(Kind.MINIMUM, "minimum distance of points"),
        **_TOLD,
        **_words("depth_usual", "angle", "needle", "per_point", "spacing", "use"),
    },
    "wash_outs": {
        "days": Field(Kind.MINIMUM, "days to wait"),
        "same_area": Field(Kind.OFF, "only in the same area"),
        "with_ingredients": Field(Kind.EVERY, "formulas concerned"),
        **_TOLD,
        **_words("confounder_days"),
    },
    "diagnoses": {
        "suitability": Field(Kind.SCALE, "suitability", ("suitable", "relative", "not_suitable")),
        **_TOLD,
        **_words("why"),
    },
    "effects": {
        "onset_from": Field(Kind.LEAST, "first day on which it is expected"),
        "onset_to": Field(Kind.MOST, "last day on which it is expected"),
        "end_days": Field(Kind.MOST, "days until it is over"),
        "may_be_permanent": Field(Kind.OFF, "may be permanent"),
        "kinds": Field(Kind.MORE, "kinds"),
        **_TOLD,
        **_words("ctcae_terms", "meddra", "snomed", "frequency", "onset_text", "end_text"),
        **_words("red_flag"),
    },
    "escalations": {
        "effect": Field(Kind.SCALE, "effect", ("none", "task", "hold", "block")),
        "scopes": Field(Kind.MORE, "what is held"),
        "release_role": Field(
            Kind.SCALE, "who may release", (None, "nurse", "prescriber", "medical_director")
        ),
        "target_hours": Field(Kind.MOST, "hours to the target"),
        "target_working_days": Field(Kind.MOST, "working days to the target"),
        "release_after_days": Field(Kind.LEAST, "days from the end to the release"),
        "tasks": Field(Kind.MORE, "tasks"),
        **_TOLD,
        **_words("release_criteria", "target"),
    },
    "clocks": {"days": Field(Kind.MAXIMUM, "days to report"), **_TOLD},
    "contraindications": {
        "condition": Field(Kind.FIXED, "condition"),
        "level": Field(Kind.SCALE, "level", ("precaution", "relative", "absolute")),
        "with": Field(Kind.EVERY, "ingredients concerned"),
        **_TOLD,
        **_words("what"),
    },
}
"""Fields of each table's rows; the key of a row is not among them."""

_MIN, _MAX = Kind.MINIMUM, Kind.MAXIMUM
PARAMETERS: dict[str, Field] = {
    "age.min_years": Field(_MIN, "Age: minimum"),
    "consent.valid_days": Field(_MAX, "Consent: how long it is valid"),
    "dose.weight_age_days": Field(_MAX, "Weight: how old it may be"),
    "dose.anaesthetic_sum": Field(_MAX, "Anaesthetics: sum of the fractions"),
    "dose.strength_tolerance": Field(_MAX, "Strength: tolerance between % and mg/mL"),
    "mix.balance_tolerance": Field(_MAX, "Mixture: tolerance of the volumes"),
    "mix.products_max": Field(_MAX, "Mixture: number of products"),
    "mix.ethanol_max": Field(_MAX, "Mixture: ethanol"),
    "mix.ph_pass_min": Field(_MIN, "Mixture: lowest pH that passes"),
    "mix.ph_pass_max": Field(_MAX, "Mixture: highest pH that passes"),
    "mix.ph_warn_min": Field(_MIN, "Mixture: lowest pH that is a warning only"),
    "mix.ph_warn_max": Field(_MAX, "Mixture: highest pH that is a warning only"),
    "mix.use_within": Field(_MAX, "Mixture: time from preparation to injection"),
    "spacing.gap_factor": Field(_MAX, "Spacing: how many times the maximum is a warning only"),
    "plan.reassess_days": Field(_MAX, "Plan: time between assessments"),
    "pregnancy.test_days": Field(_MAX, "Pregnancy: age of the test"),
    "pregnancy.asked_days": Field(_MAX, "Pregnancy: how long ago it was asked"),
    "site.fever_from": Field(_MAX, "Check-in: temperature that counts as fever"),
    "vitals.systolic_min": Field(_MIN, "Vital signs: lowest systolic pressure"),
    "vitals.systolic_max": Field(_MAX, "Vital signs: highest systolic pressure"),
    "vitals.diastolic_max": Field(_MAX, "Vital signs: highest diastolic pressure"),
    "vitals.pulse_min": Field(_MIN, "Vital signs: slowest pulse"),
    "vitals.pulse_max": Field(_MAX, "Vital signs: fastest pulse"),
    "vitals.vasodilator_systolic_min": Field(
        _MIN, "Vital signs: lowest systolic pressure with a vasodilator"
    ),
    "vitals.vasodilator_pulse_max": Field(_MAX, "Vital signs: fastest pulse with a vasodilator"),
    "lot.multi_dose_days": Field(_MAX, "Lots: days of use after first puncture"),
    "effect.override_grade": Field(_MAX, "Side effects: grade that needs an override"),
    "effect.block_grade": Field(_MAX, "Side effects: grade that blocks"),
    "shedding.review_days": Field(_MAX, "Shedding: days until it is reviewed"),
    "nodule.onset_days": Field(_MAX, "Nodules: first day on which one is suspect"),
    "nodule.look_back_days": Field(_MIN, "Nodules: how far back lots are looked at"),
    "rechallenge.grade": Field(_MAX, "Rechallenge: grade from which it is ruled out"),
    "report.serious_days": Field(_MAX, "Reports: days for a serious case"),
    "report.fatal_days": Field(_MAX, "Reports: days for a fatal case"),
    "emergency.kit_days": Field(_MAX, "Emergency kit: days between checks"),
    "emergency.observation": Field(_MIN, "Observation: minutes"),
    "emergency.first_observation": Field(_MIN, "Observation: minutes on first exposure"),
}

MAY_BE_SWITCHED_OFF = frozenset(
    {
        "MIX-PH-RANGE", "VOL-POINT-MAX", "VOL-AREA-MAX", "TECH-POINT-DENSITY", "SPACING-MAX-GAP",
        "SPACING-OTHER-PROCEDURE", "PLAN-REASSESS-DUE",
    }
)  # fmt: skip
"""Rules that a clinic may stop asking, with a reason: those that rest on convention, never block,
and do not block where an input is missing. All others stay."""

ADDED_IS_STRICT = frozenset({"pairs", "wash_outs", "escalations", "clocks", "contraindications"})
"""Tables in which a new row can only stand in the way."""
