"""The side-effect catalogue in force, for forms that report."""

from typing import TYPE_CHECKING

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.effects import grade_words
from api.decisions.figures import in_force
from api.security import Caller
from api.side_effects.catalogue_answers import Catalogue, CatalogueEntry, GradedTerm, GradeRead

if TYPE_CHECKING:
    from rules.tables import Effect

_CTCAE_VERSION = "5.0"
_NOTE = (
    "Reference defaults, each with its source and evidence mark;"
    " to be confirmed by the clinic's medical director."
)


async def catalogue(db: AsyncSession, caller: Caller) -> Catalogue:
    """The terms of the rule set that is in force today, in the order of the reference."""
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    items = [_entry(term) for term in figures.effects.values()]
    return Catalogue(rule_set_version=figures.version, note=_NOTE, items=items)


def _graded(term: str) -> GradedTerm:
    texts = ((grade, grade_words((term,), grade)) for grade in range(1, 6))
    grades = [GradeRead(grade=grade, text=text) for grade, text in texts if text is not None]
    return GradedTerm(term=term, grades=grades)


def _entry(term: "Effect") -> CatalogueEntry:
    return CatalogueEntry(
        code=term.code,
        name=term.name,
        ctcae_terms=term.ctcae_terms,
        grade_scale_version=_CTCAE_VERSION,
        graded=[_graded(each) for each in term.ctcae_terms],
        meddra=term.meddra,
        snomed=term.snomed,
        frequency=term.frequency,
        onset_from_days=term.onset_from,
        onset_to_days=term.onset_to,
        onset=term.onset_text,
        end_days=term.end_days,
        end=term.end_text,
        end_counted_from=term.ends_after,
        may_be_permanent=term.may_be_permanent,
        red_flag=term.red_flag,
        kinds=term.kinds,
        source=term.source,
        evidence=term.evidence,
    )
