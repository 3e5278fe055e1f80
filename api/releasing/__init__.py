"""Releasing a hold: who may, and what the records must show first. Nothing releases itself."""

from api.releasing.circumstances import EXPOSURE
from api.releasing.criteria import Criterion, criteria_of, needs
from api.releasing.pregnancy import pregnancy_told
from api.releasing.release import highest_grade, may_release, release

__all__ = [
    "EXPOSURE",
    "Criterion",
    "criteria_of",
    "highest_grade",
    "may_release",
    "needs",
    "pregnancy_told",
    "release",
]
