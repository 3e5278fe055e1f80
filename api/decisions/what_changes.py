"""Whose sessions to come a row concerns when it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.decisions.concerned import About
from models import (
    Administration,
    Allergy,
    Assessment,
    Condition,
    Consent,
    Hold,
    HoldScope,
    Ingredient,
    Lot,
    Measurement,
    Medication,
    Patient,
    PregnancyStatement,
    RuleSet,
    Screening,
    SessionState,
    SideEffect,
    Therapy,
    TreatmentPlan,
    TreatmentSession,
)

_CAUSES: dict[type[Any], str] = {
    Allergy: "allergy",
    Condition: "condition",
    Medication: "medication",
    PregnancyStatement: "pregnancy",
    Assessment: "diagnosis",
    Consent: "consent",
    Therapy: "therapy",
    Screening: "screening",
    Administration: "administration",
}
_SIDE_EFFECT = frozenset(
    {"code", "grade", "state", "causality", "onset_on", "plan_id", "details",
     "days_since_session", "suspect_ingredient_codes"}
)  # fmt: skip
_PATIENT = frozenset({"born_on", "sex", "childbearing_potential"})
_PLAN = frozenset(
    {"formula_version_id", "protocol_version_id", "areas", "volume_per_session_ul", "points",
     "depth_um", "technique", "needle_gauge", "diagnosis_icd10", "state"}
)  # fmt: skip
MOVED = frozenset({"starts_at", "practitioner_id"})
_GIVEN_UP = (SessionState.CANCELLED, SessionState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was written. what: `patient`, `session`, `lot`, `formula`, `ingredient`."""

    about: About
    cause: str


def _of_patient(row: Any, cause: str) -> Change:
    return Change(About("patient", row.clinic_id, row.patient_id), cause)


def _of_session(row: TreatmentSession, fields: frozenset[str], new: bool) -> Change | None:
    if new:
        return Change(About("session", row.clinic_id, row.id), "booking")
    if "starts_at" in fields or ("state" in fields and row.state in _GIVEN_UP):
        return Change(About("patient", row.clinic_id, row.patient_id), "booking")
    if "session_number" in fields:
        return Change(About("plan", row.clinic_id, row.plan_id), "booking")
    return Change(About("session", row.clinic_id, row.id), "booking") if fields & MOVED else None


def _of_hold(row: Hold, fields: frozenset[str], new: bool) -> Change | None:
    if row.patient_id is not None:
        return _of_patient(row, "hold")
    if row.plan_id is not None:
        return Change(About("plan", row.clinic_id, row.plan_id), "hold")
    if row.scope is HoldScope.FORMULA and row.formula_id is not None:
        return Change(About("formula", row.clinic_id, row.formula_id), "hold")
    if row.scope is HoldScope.INGREDIENT and row.ingredient_code is not None:
        return Change(About("ingredient", row.clinic_id, row.ingredient_code), "hold")
    return None


def _of_weight(row: Measurement, fields: frozenset[str], new: bool) -> Change | None:
    return _of_patient(row, "weight") if row.kind == "weight" else None


def _of_side_effect(row: SideEffect, fields: frozenset[str], new: bool) -> Change | None:
    return _of_patient(row, "side_effect") if new or fields & _SIDE_EFFECT else None


def _of_person(row: Patient, fields: frozenset[str], new: bool) -> Change | None:
    about = About("patient", row.clinic_id, row.id)
    return Change(about, "patient") if not new and fields & _PATIENT else None


def _of_plan(row: TreatmentPlan, fields: frozenset[str], new: bool) -> Change | None:
    about = About("plan", row.clinic_id, row.id)
    return Change(about, "plan") if not new and fields & _PLAN else None


def _of_lot(row: Lot, fields: frozenset[str], new: bool) -> Change | None:
    about = About("lot", row.clinic_id, row.id)
    return Change(about, "lot") if new or "state" in fields else None


def _of_ingredient(row: Ingredient, fields: frozenset[str], new: bool) -> Change | None:
    return None if new else Change(About("ingredient", row.clinic_id, row.code), "ingredient")


_SPECIAL: dict[type[Any], Callable[[Any, frozenset[str], bool], Change | None]] = {
    Hold: _of_hold,
    Ingredient: _of_ingredient,
    Lot: _of_lot,
    Measurement: _of_weight,
    Patient: _of_person,
    SideEffect: _of_side_effect,
    TreatmentPlan: _of_plan,
    TreatmentSession: _of_session,
}


OF_MANY = frozenset({"lot", "formula", "ingredient"})
WATCHED = frozenset({*_CAUSES, *_SPECIAL, RuleSet})


def change_of(row: Any, fields: frozenset[str], new: bool) -> Change | None:
    """What the row means for sessions; None where it means nothing for any."""
    kind = type(row)
    if kind in _CAUSES:
        return _of_patient(row, _CAUSES[kind])
    return _SPECIAL[kind](row, fields, new) if kind in _SPECIAL else None
