"""Drafting plans: what is pinned, and changed until the plan is activated."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.fields import to_int
from api.plans import pinning, states
from api.plans.locking import locked_plan
from api.plans.schemas import PlanCreate, PlanPatch
from api.problems import FieldError, InvalidRequest, invalid
from api.security import Caller
from models import FormulaVersion, Patient, ProtocolVersion, TreatmentPlan

_PINS = {"protocol_id", "protocol_version", "formula_id", "formula_version"}
_REQUIRED = frozenset(
    {
        "protocol_id", "formula_id", "practitioner_id", "diagnosis_icd10", "areas",
        "volume_per_session_ml", "room_features",
    }
)  # fmt: skip


async def create(db: AsyncSession, caller: Caller, draft: PlanCreate) -> TreatmentPlan:
    """A draft that pins its protocol and formula versions."""
    patient = await pinning.named(db, Patient, caller, draft.patient_id, "patient_id")
    if patient.archived_at is not None or patient.erased_at is not None:
        raise invalid("/patient_id", "archived", "This patient's record is closed.")
    await pinning.practitioner(db, caller, draft.practitioner_id)
    protocol = await pinning.protocol_version(db, caller, draft.protocol_id, draft.protocol_version)
    formula = await pinning.formula_version(db, caller, draft.formula_id, draft.formula_version)
    plan = TreatmentPlan(
        clinic_id=caller.clinic_id,
        patient_id=patient.id,
        protocol_version_id=protocol.id,
        formula_version_id=formula.id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        **_columns(draft, set(PlanCreate.model_fields) - _PINS - {"patient_id"}),
    )
    db.add(plan)
    audit.record(db, caller, "plan.created", plan)
    await db.flush()
    return plan


def _columns(said: PlanCreate | PlanPatch, names: set[str]) -> dict[str, Any]:
    """What the wire says in mL and mm, as the table keeps it in µL and µm."""
    kept = {name: getattr(said, name) for name in names}
    if "volume_per_session_ml" in kept:
        kept["volume_per_session_ul"] = to_int(kept.pop("volume_per_session_ml"), 3)
    if "depth_mm" in kept:
        depth = kept.pop("depth_mm")
        kept["depth_um"] = None if depth is None else to_int(depth, 3)
    return kept


async def change(
    db: AsyncSession, caller: Caller, plan_id: UUID, patch: PlanPatch, expected: int
) -> TreatmentPlan:
    """Change a draft; an active plan is what was agreed and decided, and stays as it is."""
    plan = await locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.CHANGE)
    said = patch.model_fields_set
    nulls = sorted(name for name in _REQUIRED & said if getattr(patch, name) is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    if patch.practitioner_id is not None:
        await pinning.practitioner(db, caller, patch.practitioner_id)
    await _pin_again(db, caller, plan, patch)
    for name, value in _columns(patch, said - _PINS).items():
        setattr(plan, name, value)
    audit.record(db, caller, "plan.changed", plan)
    await db.flush()
    return plan


async def _pin_again(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, patch: PlanPatch
) -> None:
    """Another protocol or formula, or another version of the one that is pinned."""
    said = patch.model_fields_set
    if {"protocol_id", "protocol_version"} & said:
        protocol_id = patch.protocol_id
        if protocol_id is None:
            now = await found(db, ProtocolVersion, caller.clinic_id, plan.protocol_version_id)
            protocol_id = now.protocol_id
        version = await pinning.protocol_version(db, caller, protocol_id, patch.protocol_version)
        plan.protocol_version_id = version.id
    if {"formula_id", "formula_version"} & said:
        formula_id = patch.formula_id
        if formula_id is None:
            pinned = await found(db, FormulaVersion, caller.clinic_id, plan.formula_version_id)
            formula_id = pinned.formula_id
        formula = await pinning.formula_version(db, caller, formula_id, patch.formula_version)
        plan.formula_version_id = formula.id
