"""The moments of a treatment at which the rules are asked."""

from enum import StrEnum


class Stage(StrEnum):
    """When a decision is asked for; each rule names the stages at which it speaks."""

    FORMULA_APPROVAL = "formula_approval"
    PLAN_ACTIVATION = "plan_activation"
    SCHEDULING = "scheduling"
    CHECK_IN = "check_in"
    ADMINISTRATION = "administration"
    SIDE_EFFECT_REPORT = "side_effect_report"
