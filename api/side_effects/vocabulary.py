"""The words in which side effects are reported and judged, as the clinical reference has them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from api.fields import Code, Note


class Seriousness(StrEnum):
    """ICH criteria; severity (the grade) is something else."""

    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    CONGENITAL_ANOMALY = "congenital_anomaly"
    OTHER_IMPORTANT = "other_important"


class ActionTaken(StrEnum):
    NONE = "none"
    TREATED = "treated"
    DOSE_CHANGED = "dose_changed"
    FORMULA_CHANGED = "formula_changed"
    POSTPONED = "postponed"
    STOPPED = "stopped"


class EffectOutcome(StrEnum):
    RECOVERED = "recovered"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    SEQUELAE = "sequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class Causality(StrEnum):
    """WHO-UMC categories."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    CONDITIONAL = "conditional"
    UNASSESSABLE = "unassessable"


EffectCode = Annotated[
    str,
    StringConstraints(pattern=r"^AE_[A-Z0-9_]{1,40}$"),
    Field(
        description="Term of the catalogue (GET /v1/side-effects/catalogue).",
        examples=["AE_SHED_EARLY"],
    ),
]
Grade = Annotated[
    int,
    Field(
        strict=True,
        ge=1,
        le=5,
        description="1 mild, 2 moderate, 3 severe, 4 life-threatening, 5 death; on `grade_scale`.",
        examples=[1],
    ),
]
SeriousnessList = Annotated[
    tuple[Seriousness, ...],
    Field(
        max_length=6,
        description="Every criterion that is met; empty: not serious. Not the same as a grade.",
        examples=[["hospitalisation"]],
    ),
]
IngredientCodes = Annotated[tuple[Code, ...], Field(max_length=40, examples=[["THIAMINE"]])]
Words = Annotated[Note, Field(examples=["More hair than usual on the pillow since Monday."])]


class NaranjoAnswer(StrEnum):
    """An answer to one of the ten Naranjo questions."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
