"""The side-effect catalogue as it is read."""

from pydantic import Field

from api.fields import Answer


class GradeRead(Answer):
    """One grade of one CTCAE term."""

    grade: int = Field(description="1 to 5.", examples=[2])
    text: str = Field(description="What it means.", examples=["generalised"])


class GradedTerm(Answer):
    """A CTCAE term with the grades that it defines, wording shortened."""

    term: str = Field(description="CTCAE term.", examples=["Bruising"])
    grades: list[GradeRead] = Field(description="Ascending; an undefined grade is left out.")


class CatalogueEntry(Answer):
    """A term of the side-effect catalogue with its windows in days since the latest session."""

    code: str = Field(description="Term of the catalogue.", examples=["AE_SHED_EARLY"])
    name: str = Field(description="In words.")
    ctcae_terms: tuple[str, ...] = Field(description="CTCAE terms that grade it.")
    grade_scale_version: str = Field(description="Version of CTCAE.", examples=["5.0"])
    graded: list[GradedTerm] = Field(description="What each grade means, by CTCAE term.")
    meddra: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    snomed: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    frequency: str = Field(description="Known frequency, in words with its source.")
    onset_from_days: int | None = Field(description="First day of the onset window.")
    onset_to_days: int | None = Field(description="Inclusive.")
    onset: str = Field(description="The same in words.", examples=["7–56"])
    end_days: int | None = Field(description="Expected to be over by then; null: no usual end.")
    end: str = Field(description="The same in words.", examples=["90 after onset"])
    end_counted_from: str = Field(description="`session` or `onset`.")
    may_be_permanent: bool = Field(description="It may never go away.")
    red_flag: str = Field(description="Red flag, or first action.")
    kinds: tuple[str, ...] = Field(description="Words that the escalation reads.")
    source: str = Field(description="Where it comes from.")
    evidence: str = Field(description="Evidence mark.")


class Catalogue(Answer):
    """The terms in force. Every figure is a default, to be confirmed by the medical director."""

    rule_set_version: str = Field(description="Rule set in force.")
    note: str = Field(description="How far to trust the figures.")
    items: list[CatalogueEntry] = Field(description="In the order of the reference.")
