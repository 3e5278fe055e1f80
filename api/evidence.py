"""The evidence marks of the clinical reference."""

from enum import StrEnum


class Evidence(StrEnum):
    """What a figure rests on; the marks of the clinical reference."""

    LABEL = "label"
    RCT = "RCT"
    TRIAL = "trial"
    CASE = "case"
    REVIEW = "review"
    CONSENSUS = "consensus"
    REGULATOR = "regulator"
    CONVENTION = "convention"
    UNSURE = "unsure"
