"""Plans as they are shown: a whole page in five queries."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.schemas import FindingRead
from api.decisions.windows import window
from api.fields import to_decimal
from api.plans import states
from api.plans.hold_schemas import HoldRead
from api.plans.holds import holds_in_force
from api.plans.schemas import PlanRead, PlanSummary, WindowRead
from api.security import Caller
from models import (
    Formula,
    FormulaState,
    FormulaVersion,
    ProtocolState,
    ProtocolVersion,
    StaffMember,
    TreatmentPlan,
    TreatmentProtocol,
)

_CLINICAL = ("diagnosis_icd10", "goals", "expectations", "state_reason")
_DERIVED = {"volume_per_session_ml", "depth_mm", "possible"}


async def shown(db: AsyncSession, caller: Caller, plan: TreatmentPlan) -> PlanRead:
    """One plan with the holds in force."""
    summary = (await summaries(db, caller, [plan]))[0]
    clinical = caller.may("clinical:read")
    holds = await holds_in_force(db, caller.clinic_id, plan)
    possible = {*summary.possible, states.RELEASE} if holds else summary.possible
    return PlanRead(
        **dict(summary) | {"possible": tuple(sorted(possible))},
        holds=tuple(HoldRead.of(hold, clinical=clinical) for hold in holds),
    )


async def window_shown(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, as_of: date
) -> WindowRead:
    """When the plan's next session may take place, as the rules that judge bookings see it."""
    found = await window(db, caller, plan, as_of)
    return WindowRead(
        session_number=found.session_number,
        phase=found.phase,
        earliest_on=found.earliest_on,
        target_on=found.target_on,
        latest_on=found.latest_on,
        findings=tuple(FindingRead.of(finding) for finding in found.findings),
    )


async def summaries(
    db: AsyncSession, caller: Caller, plans: Sequence[TreatmentPlan]
) -> list[PlanSummary]:
    """Plans in the order given, with names and versions of what they pin."""
    if not plans:
        return []
    clinic_id = caller.clinic_id
    protocols = await _protocols(db, clinic_id, {plan.protocol_version_id for plan in plans})
    formulas = await _formulas(db, clinic_id, {plan.formula_version_id for plan in plans})
    people = await db.exec(
        select(StaffMember.id, StaffMember.display_name).where(
            StaffMember.clinic_id == clinic_id,
            col(StaffMember.id).in_({plan.practitioner_id for plan in plans}),
        )
    )
    names = dict(people.all())
    hidden = {} if caller.may("clinical:read") else dict.fromkeys(_CLINICAL)
    return [
        PlanSummary(
            **_own(plan)
            | protocols[plan.protocol_version_id]
            | formulas[plan.formula_version_id]
            | {"practitioner_name": names[plan.practitioner_id]}
            | hidden
        )
        for plan in plans
    ]


def _own(plan: TreatmentPlan) -> dict[str, Any]:
    """What the plan's row itself says."""
    fields = plan.model_dump(include=set(PlanSummary.model_fields) - _DERIVED)
    return fields | {
        "volume_per_session_ml": to_decimal(plan.volume_per_session_ul, 3),
        "depth_mm": None if plan.depth_um is None else to_decimal(plan.depth_um, 3),
        "possible": tuple(states.possible(plan)),
    }


async def _protocols(
    db: AsyncSession, clinic_id: UUID, version_ids: set[UUID]
) -> dict[UUID, dict[str, Any]]:
    """By pinned version: what the plan says of its protocol."""
    rows = await db.exec(
        select(ProtocolVersion, TreatmentProtocol)
        .join(
            TreatmentProtocol,
            (col(TreatmentProtocol.clinic_id) == col(ProtocolVersion.clinic_id))
            & (col(TreatmentProtocol.id) == col(ProtocolVersion.protocol_id)),
        )
        .where(ProtocolVersion.clinic_id == clinic_id, col(ProtocolVersion.id).in_(version_ids))
    )
    pinned = rows.all()
    newest = await db.exec(
        select(ProtocolVersion.protocol_id, func.max(col(ProtocolVersion.number)))
        .where(
            ProtocolVersion.clinic_id == clinic_id,
            col(ProtocolVersion.protocol_id).in_({protocol.id for _, protocol in pinned}),
            ProtocolVersion.state == ProtocolState.APPROVED,
        )
        .group_by(col(ProtocolVersion.protocol_id))
    )
    numbers = dict(newest.all())
    return {
        version.id: {
            "protocol_id": protocol.id,
            "protocol_name": protocol.name,
            "protocol_version": version.number,
            "protocol_version_state": version.state,
            "newer_protocol_version": _newer(numbers.get(protocol.id), version.number),
        }
        for version, protocol in pinned
    }


async def _formulas(
    db: AsyncSession, clinic_id: UUID, version_ids: set[UUID]
) -> dict[UUID, dict[str, Any]]:
    """By pinned version: what the plan says of its formula."""
    rows = await db.exec(
        select(FormulaVersion, Formula)
        .join(
            Formula,
            (col(Formula.clinic_id) == col(FormulaVersion.clinic_id))
            & (col(Formula.id) == col(FormulaVersion.formula_id)),
        )
        .where(FormulaVersion.clinic_id == clinic_id, col(FormulaVersion.id).in_(version_ids))
    )
    pinned = rows.all()
    newest = await db.exec(
        select(FormulaVersion.formula_id, func.max(col(FormulaVersion.number)))
        .where(
            FormulaVersion.clinic_id == clinic_id,
            col(FormulaVersion.formula_id).in_({formula.id for _, formula in pinned}),
            FormulaVersion.state == FormulaState.APPROVED,
        )
        .group_by(col(FormulaVersion.formula_id))
    )
    numbers = dict(newest.all())
    return {
        version.id: {
            "formula_id": formula.id,
            "formula_name": formula.name,
            "formula_version": version.number,
            "formula_version_state": version.state.value,
            "newer_formula_version": _newer(numbers.get(formula.id), version.number),
        }
        for version, formula in pinned
    }


def _newer(newest_approved: int | None, pinned: int) -> int | None:
    return newest_approved if newest_approved is not None and newest_approved > pinned else None
