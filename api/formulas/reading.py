"""Reading formulas: a bounded number of queries, whatever the number of formulas and versions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.database import found
from api.decisions.facts_formula import lines_of_many
from api.decisions.matters import FormulaApproval
from api.decisions.schemas import FindingRead
from api.decisions.service import preview
from api.fields import to_decimal
from api.formulas.answers import FormulaItem, FormulaRead, VersionRead
from api.formulas.mixture import Line, amounts_read, components_read
from api.formulas.schemas import FormulaQuery
from api.problems import NotFound
from api.security import Caller
from models import Formula, FormulaComponent, FormulaState, FormulaVersion

MOVES: dict[FormulaState, list[str]] = {
    FormulaState.DRAFT: ["approve"],
    FormulaState.APPROVED: ["retire"],
    FormulaState.RETIRED: [],
}

_OUTCOMES = (
    ("block", "refused"),
    ("override", "needs_override"),
    ("warn", "needs_acknowledgement"),
)


def listing(clinic_id: UUID, query: FormulaQuery) -> SelectOfScalar[Formula]:
    """The clinic's formulas that the filters let through."""
    statement = select(Formula).where(Formula.clinic_id == clinic_id)
    if query.indication is not None:
        statement = statement.where(Formula.indication == query.indication)
    if query.state is None and query.ingredient_code is None:
        return statement
    version = exists().where(
        col(FormulaVersion.clinic_id) == clinic_id,
        col(FormulaVersion.formula_id) == col(Formula.id),
    )
    if query.state is not None:
        version = version.where(col(FormulaVersion.state) == query.state)
    if query.ingredient_code is not None:
        version = version.where(
            exists().where(
                col(FormulaComponent.clinic_id) == clinic_id,
                col(FormulaComponent.formula_version_id) == col(FormulaVersion.id),
                col(FormulaComponent.ingredient_code) == query.ingredient_code,
            )
        )
    return statement.where(version)


async def items(db: AsyncSession, rows: Sequence[Formula]) -> list[FormulaItem]:
    """Formulas as a list shows them; three queries for the whole page."""
    if not rows:
        return []
    clinic_id, ids = rows[0].clinic_id, [row.id for row in rows]
    latest = await _latest(db, clinic_id, ids)
    approved = await _approved_numbers(db, clinic_id, ids)
    lines = await lines_of(db, clinic_id, [version.id for version in latest.values()])
    return [
        FormulaItem.model_validate(
            formula.model_dump()
            | {
                "latest_number": latest[formula.id].number,
                "latest_state": latest[formula.id].state,
                "approved_version": approved.get(formula.id),
                "total_volume_ml": to_decimal(latest[formula.id].total_volume_ul, 3),
                "ingredient_codes": _codes(lines[latest[formula.id].id]),
            }
        )
        for formula in rows
    ]


def _codes(lines: Iterable[Line]) -> list[str]:
    return list(dict.fromkeys(line.component.ingredient_code for line in lines))


async def formula_read(db: AsyncSession, caller: Caller, formula: Formula) -> FormulaRead:
    """One formula with its latest version and what the rules say of that today."""
    latest = (await _latest(db, formula.clinic_id, [formula.id]))[formula.id]
    approved = await _approved_numbers(db, formula.clinic_id, [formula.id])
    content: dict[str, Any] = formula.model_dump() | {
        "approved_version": approved.get(formula.id),
        "latest": await version_read(db, caller, formula, latest),
    }
    return FormulaRead.model_validate(content)


async def version_read(
    db: AsyncSession, caller: Caller, formula: Formula, version: FormulaVersion
) -> VersionRead:
    """One version with its arithmetic and what the rules in force today say of it."""
    lines = (await lines_of(db, version.clinic_id, [version.id]))[version.id]
    findings = await _findings(db, caller, formula, version)
    before = None
    if version.supersedes_id is not None:
        before = await found(db, FormulaVersion, version.clinic_id, version.supersedes_id)
    content: dict[str, Any] = version.model_dump() | {
        "components": components_read(version, lines),
        "amounts": amounts_read(lines),
        "total_volume_ml": to_decimal(version.total_volume_ul, 3),
        "sum_of_volumes_ml": to_decimal(sum(line.component.volume_ul for line in lines), 3),
        "ph": None if version.ph_hundredths is None else to_decimal(version.ph_hundredths, 2),
        "supersedes": None if before is None else before.number,
        "author_id": version.recorded_by,
        "outcome": _outcome(findings),
        "findings": findings,
        "possible": MOVES[version.state],
    }
    return VersionRead.model_validate(content)


async def _findings(
    db: AsyncSession, caller: Caller, formula: Formula, version: FormulaVersion
) -> list[FindingRead]:
    """What the rules in force find in the mixture. Who approves it is judged when they do."""
    seen = await preview(db, caller, FormulaApproval(formula, version))
    return [finding for finding in seen if finding.code != "ROLE-FOUR-EYES"]


def _outcome(findings: Iterable[FindingRead]) -> str:
    """What the worst finding asks for."""
    worst = {finding.severity for finding in findings}
    for severity, outcome in _OUTCOMES:
        if severity in worst:
            return outcome
    return "allowed"


async def numbered(
    db: AsyncSession, clinic_id: UUID, formula_id: UUID, number: int
) -> FormulaVersion:
    """The version of a formula with that number, or NotFound."""
    statement = select(FormulaVersion).where(
        FormulaVersion.clinic_id == clinic_id,
        FormulaVersion.formula_id == formula_id,
        FormulaVersion.number == number,
    )
    version = (await db.exec(statement)).first()
    if version is None:
        raise NotFound
    return version


async def lines_of(
    db: AsyncSession, clinic_id: UUID, version_ids: Sequence[UUID]
) -> dict[UUID, list[Line]]:
    """The lines of each version in their order, with their ingredients; one query for all."""
    found_lines = await lines_of_many(db, clinic_id, version_ids)
    return defaultdict(
        list,
        {version: [Line(*each) for each in rows] for version, rows in found_lines.items()},
    )


async def latest_version(db: AsyncSession, clinic_id: UUID, formula_id: UUID) -> FormulaVersion:
    """The version with the highest number; every formula has one."""
    return (await _latest(db, clinic_id, [formula_id]))[formula_id]


async def _latest(
    db: AsyncSession, clinic_id: UUID, formula_ids: Sequence[UUID]
) -> dict[UUID, FormulaVersion]:
    newest = (
        select(col(FormulaVersion.formula_id), func.max(col(FormulaVersion.number)))
        .where(
            FormulaVersion.clinic_id == clinic_id,
            col(FormulaVersion.formula_id).in_(formula_ids),
        )
        .group_by(col(FormulaVersion.formula_id))
    )
    statement = select(FormulaVersion).where(
        FormulaVersion.clinic_id == clinic_id,
        tuple_(col(FormulaVersion.formula_id), col(FormulaVersion.number)).in_(newest),
    )
    return {version.formula_id: version for version in await db.exec(statement)}


async def _approved_numbers(
    db: AsyncSession, clinic_id: UUID, formula_ids: Sequence[UUID]
) -> dict[UUID, int]:
    statement = (
        select(col(FormulaVersion.formula_id), func.max(col(FormulaVersion.number)))
        .where(
            FormulaVersion.clinic_id == clinic_id,
            col(FormulaVersion.formula_id).in_(formula_ids),
            FormulaVersion.state == FormulaState.APPROVED,
        )
        .group_by(col(FormulaVersion.formula_id))
    )
    return dict((await db.exec(statement)).all())
