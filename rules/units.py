"""How each unit is kept: as an integer number of a decimal fraction of it."""

from rules.arithmetic import MICRO, MILLI

AMOUNTS = ("mg", "ug", "IU", "U", "mL")
"""The amount units of ingredients."""

EVIDENCE = (
    "label", "RCT", "trial", "case", "review", "consensus", "regulator", "convention", "unsure",
)  # fmt: skip
"""The evidence marks of the clinical reference."""

PARAMETER_SCALES = {
    "a": 0,
    "d": 0,
    "min": 0,
    "grade": 0,
    "products": 0,
    "sessions": 0,
    "mm[Hg]": 0,
    "/min": 0,
    "Cel": 1,
    "%": 2,
    "pH": 2,
    "1": 3,
    "mL": MILLI,
    "mm": MILLI,
    "cm": 4,
}
"""Decimal places kept per unit: uL for mL, um for mm and cm, hundredths for % and pH."""

CONCENTRATIONS = {f"{amount}/mL": MILLI for amount in AMOUNTS}
DOSES = dict.fromkeys(AMOUNTS, MICRO)

PARAMETER_UNITS = {
    "age.min_years": "a",
    "consent.valid_days": "d",
    "dose.weight_age_days": "d",
    "dose.anaesthetic_sum": "1",
    "dose.strength_tolerance": "%",
    "mix.balance_tolerance": "mL",
    "mix.products_max": "products",
    "mix.ethanol_max": "%",
    "mix.ph_pass_min": "pH",
    "mix.ph_pass_max": "pH",
    "mix.ph_warn_min": "pH",
    "mix.ph_warn_max": "pH",
    "mix.use_within": "min",
    "spacing.gap_factor": "1",
    "plan.reassess_days": "d",
    "pregnancy.test_days": "d",
    "pregnancy.asked_days": "d",
    "site.fever_from": "Cel",
    "vitals.systolic_min": "mm[Hg]",
    "vitals.systolic_max": "mm[Hg]",
    "vitals.diastolic_max": "mm[Hg]",
    "vitals.pulse_min": "/min",
    "vitals.pulse_max": "/min",
    "vitals.vasodilator_systolic_min": "mm[Hg]",
    "vitals.vasodilator_pulse_max": "/min",
    "lot.multi_dose_days": "d",
    "effect.override_grade": "grade",
    "effect.block_grade": "grade",
    "shedding.review_days": "d",
    "nodule.onset_days": "d",
    "nodule.look_back_days": "d",
    "rechallenge.grade": "grade",
    "report.serious_days": "d",
    "report.fatal_days": "d",
    "emergency.kit_days": "d",
    "emergency.observation": "min",
    "emergency.first_observation": "min",
}
"""Every parameter a rule set must state, with the one unit it may have."""
