"""Writing formulas: drafts by their author, approval by somebody else, retirement."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api import audit
from api.database import found, locked, touch
from api.decisions.matters import FormulaApproval
from api.decisions.service import decide
from api.fields import to_int
from api.formulas.drafting import lines_of, total_volume_ul
from api.formulas.reading import MOVES, latest_version, numbered
from api.formulas.schemas import Approve, FormulaCreate, Mixture, VersionCreate
from api.preconditions import check
from api.problems import FieldError, IllegalTransition, InvalidRequest, NotFound, invalid
from api.security import Caller
from models import Formula, FormulaState, FormulaVersion
from rules.codes import AREAS


async def create(db: AsyncSession, caller: Caller, draft: FormulaCreate) -> Formula:
    """Author a formula; its version 1 is a draft, whatever the rules say of it.

    Raises InvalidRequest for unknown ingredients, areas and unfit strengths.
    """
    _check_areas(draft.areas)
    await _check_origin(db, caller, draft.derived_from_id)
    formula = Formula(
        clinic_id=caller.clinic_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        **draft.model_dump(include={"name", "indication", "description", "derived_from_id"}),
        areas=tuple(dict.fromkeys(draft.areas)),
    )
    db.add(formula)
    await db.flush()
    version = await _draft(db, caller, formula, draft, number=1)
    audit.record(db, caller, "formula.created", formula)
    audit.record(db, caller, "formula_version.drafted", version)
    await db.flush()
    return formula


async def add_version(
    db: AsyncSession, caller: Caller, formula_id: UUID, draft: VersionCreate, expected: int
) -> Formula:
    """Draft the next version. Plans keep the version that they pinned."""
    formula = await locked(db, Formula, caller.clinic_id, formula_id)
    check(formula, expected)
    latest = await latest_version(db, caller.clinic_id, formula_id)
    version = await _draft(db, caller, formula, draft, number=latest.number + 1)
    version.supersedes_id = latest.id
    version.change_reason = draft.change_reason
    touch(formula, db)
    audit.record(db, caller, "formula_version.drafted", version, reason=draft.change_reason)
    await db.flush()
    return formula


async def approve(
    db: AsyncSession, caller: Caller, formula_id: UUID, number: int, answers: Approve, expected: int
) -> Formula:
    """Approve a draft that somebody else wrote; the rules decide in the same transaction.

    Raises IllegalTransition, Refused with the findings, Forbidden where a machine asks.
    """
    approver = caller.person()
    formula, version = await _asked(db, caller, formula_id, number, expected, "approve")
    decided = await decide(db, caller, FormulaApproval(formula, version), answers)
    version.state = FormulaState.APPROVED
    version.approved_by, version.approved_at = approver, caller.now
    version.decision_id = decided.id
    touch(formula, db)
    audit.record(db, caller, "formula_version.approved", version)
    await db.flush()
    return formula


async def retire(
    db: AsyncSession, caller: Caller, formula_id: UUID, number: int, reason: str, expected: int
) -> Formula:
    """Take an approved version out of use for new plans; what was given stays readable."""
    person = caller.person()
    formula, version = await _asked(db, caller, formula_id, number, expected, "retire")
    version.state = FormulaState.RETIRED
    version.retired_by, version.retired_at = person, caller.now
    version.retired_reason = reason
    touch(formula, db)
    audit.record(db, caller, "formula_version.retired", version, reason=reason)
    await db.flush()
    return formula


async def _asked(
    db: AsyncSession, caller: Caller, formula_id: UUID, number: int, expected: int, move: str
) -> tuple[Formula, FormulaVersion]:
    """The formula, locked for its versions too, and the version, which has that move."""
    formula = await locked(db, Formula, caller.clinic_id, formula_id)
    version = await numbered(db, caller.clinic_id, formula_id, number)
    check(formula, expected)
    if move not in MOVES[version.state]:
        raise IllegalTransition(version.state.value, MOVES[version.state])
    return formula, version


async def _draft(
    db: AsyncSession, caller: Caller, formula: Formula, mixture: Mixture, number: int
) -> FormulaVersion:
    version_id = uuid7()
    lines = await lines_of(db, caller.clinic_id, version_id, mixture)
    version = FormulaVersion(
        id=version_id,
        clinic_id=caller.clinic_id,
        formula_id=formula.id,
        number=number,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        total_volume_ul=total_volume_ul(mixture, lines),
        ph_hundredths=None if mixture.ph is None else to_int(mixture.ph, 2),
        notes=mixture.notes,
    )
    db.add(version)
    await db.flush()
    db.add_all(lines)
    await db.flush()
    return version


def _check_areas(areas: tuple[str, ...]) -> None:
    errors = [
        FieldError(f"/areas/{place}", "unknown_area", "There is no such area code.")
        for place, area in enumerate(areas)
        if area not in AREAS
    ]
    if errors:
        raise InvalidRequest(errors)


async def _check_origin(db: AsyncSession, caller: Caller, formula_id: UUID | None) -> None:
    if formula_id is None:
        return
    try:
        await found(db, Formula, caller.clinic_id, formula_id)
    except NotFound:
        raise invalid("/derived_from_id", "unknown_formula", "There is no such formula.") from None
