"""The allergy classes that a product, a line or an ingredient may carry.

A misspelt class would never meet the patient's allergy, so an unknown one is refused.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api.fields import Code
from rules.codes import ALLERGY_CLASSES


def _known(code: str) -> str:
    if code not in ALLERGY_CLASSES:
        raise PydanticCustomError("unknown_code", "This is none of the allergy classes.")
    return code


AllergyClass = Annotated[
    Code,
    AfterValidator(_known),
    Field(json_schema_extra={"enum": list(ALLERGY_CLASSES)}, examples=["PARABEN"]),
]
