"""A valid body for every operation that takes one, by operationId: add a row with a new route.

A row may be used by several steps of the story; variants for other steps have names of their own.
`ids` are what the story has made so far, by name.
"""

from collections.abc import Callable
from typing import Any

Ids = dict[str, str]
Body = Callable[[Ids], Any]

TODAY = "2026-03-02"  # the day on which the story begins, in both clinics
PASSWORD = "correct-horse-battery-staple"
_WHY = {"reason": "Entered for the wrong patient."}

_COMPONENTS = [
    {
        "ingredient_code": "DEXPANTHENOL",
        "stock_concentration": {"value": "250", "unit": "mg/mL"},
        "volume_ml": "1",
        "excipient_classes": [],
    },
    {
        "ingredient_code": "BIOTIN",
        "stock_concentration": {"value": "5", "unit": "mg/mL"},
        "volume_ml": "1",
        "excipient_classes": [],
    },
]
_PHASES = [
    {"name": "A", "sessions": 4, "target_days": 7, "min_days": 6, "max_days": 10},
    {"name": "B", "sessions": 4, "target_days": 14, "min_days": 12, "max_days": 21},
]
_INJECTED = {
    "areas": [{"area": "SCALP_FRONTAL", "volume_ml": "1.5", "points": 30, "depth_mm": "2",
               "technique": "POINT_BY_POINT", "needle_gauge": 30}],
    "discarded_ml": "0.5", "observation_minutes": 30,
    "preparation_started_at": f"{TODAY}T10:15:00Z",
}  # fmt: skip


def _repair(what: str) -> Body:
    return lambda ids: {
        "unavailable": {what: ids[what]}, "from": "2026-06-20T08:00:00+00:00",
        "to": "2026-06-21T08:00:00+00:00", "reason": "Ill, or being painted.",
    }  # fmt: skip


def _booking(starts_at: str) -> Body:
    return lambda ids: {
        "plan_id": ids["plan_id"],
        "starts_at": starts_at,
        "duration_minutes": 30,
        "practitioner_id": ids["practitioner_id"],
        "room_id": ids["room_id"],
    }


def _reservation(starts_at: str) -> Body:
    return lambda ids: _booking(starts_at)(ids) | {"expires_in_minutes": 30}


_HELD = ("plan", "patient", "session", "formula", "lot")


def _hold(scope: str) -> Body:
    name = f"{scope}_id"
    return lambda ids: {"scope": scope, name: ids[name], "reason": "A result is awaited."}


def _plan(ids: Ids) -> Any:
    return {
        "patient_id": ids["patient_id"],
        "protocol_id": ids["protocol_id"],
        "formula_id": ids["formula_id"],
        "practitioner_id": ids["practitioner_id"],
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        "technique": "POINT_BY_POINT",
        "points": 40,
        "depth_mm": "2",
    }


def _effect(ids: Ids) -> Any:
    return {
        "patient_id": ids["patient_id"],
        "session_id": ids["session_id"],
        "code": "AE_SHED_EARLY",
        "grade": 1,
        "first_noticed_on": TODAY,
        "description": "More hair than usual on the pillow.",
        "reported_by": "patient",
        "suspect_lot_ids": [ids["lot_id"]],
    }


def _lot(number: str) -> Body:
    return lambda _ids: {
        "ingredient_code": "BIOTIN", "product_name": "Biotin", "manufacturer": "Acme",
        "lot_number": number, "expires_on": "2027-08", "container": "multi_dose",
        "received_volume_ml": "50", "excipient_classes": [],
    }  # fmt: skip


_SIGNING_IN: dict[str, Body] = {
    "create_token": lambda ids: {
        "grant_type": "password", "username": ids["email"], "password": PASSWORD,
    },
    "change_password": lambda _ids: {
        "current_password": PASSWORD, "new_password": f"{PASSWORD}-again",
    },
    "revoke_token": lambda ids: {"token": ids["token"]},
    "create_api_key": lambda _ids: {"name": "Autobook", "scopes": ["plans:read"]},
}  # fmt: skip

_CLINIC: dict[str, Body] = {
    "create_calendar": lambda ids: {
        "name": "Appointments", "practitioner_id": ids["practitioner_id"],
    },
    "create_room_calendar": lambda ids: {"name": "A room", "room_id": ids["room_id"]},
    "change_clinic": lambda _ids: {"phone": "+33100000000"},
    "add_room": lambda _ids: {"name": "Room 7", "features": ["LAMP"]},
    "change_room": lambda _ids: {"features": []},
    "add_staff_member": lambda ids: {
        "display_name": "Dr Ines Laurent", "email": ids["email"], "roles": ["nurse"],
        "password": PASSWORD,
    },
    "change_staff_member": lambda _ids: {"profession": "Nurse"},
}  # fmt: skip

# Whatever the walk books, at whatever hour, lies inside these.
_CALENDARS: dict[str, Body] = {
    "replace_opening_hours": lambda _ids: [
        {"weekday": weekday, "opens": "00:00", "closes": "24:00"} for weekday in range(1, 8)
    ],
    "change_booking_settings": lambda _ids: {
        "grid_minutes": 10, "first": {"duration_minutes": 40, "after_minutes": 5},
    },
    "add_closure": lambda ids: {
        "starts_on": "2027-08-02", "ends_on": "2027-08-15", "name": "Painting",
        "room_id": ids["room_id"],
    },
    "change_closure": lambda _ids: {"name": "Painting and drying"},
    "import_public_holidays": lambda _ids: {"year": 2027},
    "replace_working_hours": lambda ids: [
        {"weekday": 1, "opens": "09:00", "closes": "12:00", "room_id": ids["room_id"]},
        {"weekday": 1, "opens": "13:00", "closes": "17:00", "valid_from": TODAY},
    ],
    "add_time_off": lambda _ids: {
        "starts_at": "2027-01-04T08:00:00Z", "ends_at": "2027-01-05T17:00:00Z",
    },
    "change_time_off": lambda _ids: {"reason": "Training"},
}  # fmt: skip

_PATIENTS: dict[str, Body] = {
    "register_patient": lambda _ids: {
        "given_name": "Luc", "family_name": "Moreau", "born_on": "1989-04-02", "sex": "male",
    },
    "change_patient": lambda _ids: {"language": "fr"},
    "search_patients": lambda _ids: {"q": "mor"},
    "record_allergy": lambda _ids: {"code": "NO_KNOWN_ALLERGIES"},
    "record_other_allergy": lambda _ids: {
        "code": "OTHER", "substance": "Nickel", "reaction": "Rash", "severity": "mild",
    },
    "change_allergy": lambda _ids: {"notes": "Asked again."},
    "record_condition": lambda _ids: {"code": "OTHER", "notes": "Hay fever."},
    "record_no_condition": lambda _ids: {"code": "NO_KNOWN_CONDITIONS"},
    "change_condition": lambda _ids: {"notes": "In spring."},
    "record_medication": lambda _ids: {"code": "OTHER", "name": "Paracetamol"},
    "record_no_medication": lambda _ids: {"code": "NO_MEDICATION"},
    "change_medication": lambda _ids: {"dosage": "when needed"},
    "record_measurement": lambda _ids: {
        "kind": "weight", "value": "80", "unit": "kg", "measured_at": f"{TODAY}T07:00:00Z",
    },
    "record_measurement_at_session": lambda ids: {
        "kind": "weight", "value": "80.5", "measured_at": f"{TODAY}T07:00:00Z",
        "session_id": ids["session_id"],
    },
    "record_assessment": lambda ids: {
        "assessed_on": TODAY, "assessed_by": ids["practitioner_id"],
        "diagnoses": [{"icd10": "L64.9", "status": "confirmed"}],
    },
    "record_consent": lambda ids: {
        "document_code": "MESO", "document_version": "1", "signed_on": TODAY,
        "ingredient_codes": ["DEXPANTHENOL", "BIOTIN"], "obtained_by": ids["practitioner_id"],
    },
    "withdraw_consent": lambda _ids: {"reason": "Changed his mind."},
    "record_therapy": lambda _ids: {"code": "TOPICAL_MINOXIDIL", "started_on": "2025-06-01"},
    "record_no_therapy": lambda _ids: {"code": "NO_OTHER_THERAPY", "started_on": TODAY},
    "change_therapy": lambda _ids: {"ended_on": "2025-12-31"},
    "record_lifestyle_factor": lambda _ids: {"code": "HEAT_STYLING", "started_on": "2025-06-01"},
    "change_lifestyle_factor": lambda _ids: {"detail": "Straightening iron daily."},
    "record_consultation": lambda ids: {
        "held_at": f"{TODAY}T07:30:00Z", "held_by": ids["practitioner_id"],
        "concerns": "Shedding for a year.",
    },
    "record_pregnancy_statement": lambda _ids: {
        "stated_on": TODAY, "childbearing_potential": False,
    },
}  # fmt: skip
_PATIENTS |= {
    f"mark_{noun}_entered_in_error": lambda _ids: _WHY
    for noun in (
        "allergy", "condition", "medication", "measurement", "assessment", "consent", "therapy",
        "lifestyle_factor", "consultation", "pregnancy_statement",
    )
}  # fmt: skip

_FORMULARY: dict[str, Body] = {
    "add_ingredient": lambda ids: {
        "code": ids["own_code"], "name": "Serum of the house", "category": "vitamin", "unit": "mg",
        "source": "SmPC 2024", "evidence": "label",
    },
    "create_formula": lambda _ids: {
        "name": "Scalp classic", "areas": ["SCALP"], "components": _COMPONENTS,
    },
    "create_derived_formula": lambda ids: {
        "name": "Scalp of the house", "components": [
            *_COMPONENTS,
            {"ingredient_code": ids["ingredients"], "volume_ml": "0.5",
             "stock_concentration": {"value": "1", "unit": "mg/mL"}},
        ],
        "derived_from_id": ids["formula_id"],
    },
    "draft_formula_version": lambda _ids: {
        "components": _COMPONENTS[:1], "change_reason": "Simpler.",
    },
    "approve_formula_version": lambda _ids: {"acknowledged": []},
    "retire_formula_version": lambda _ids: {"reason": "Replaced by version 2."},
    "receive_lot": _lot("L-1"),
    "receive_second_lot": _lot("L-2"),
    "open_lot": lambda _ids: {"opened_on": TODAY},
    "quarantine_lot": lambda _ids: {"reason": "Particles seen in a vial."},
    "release_lot": lambda _ids: {"reason": "They were bubbles."},
    "use_up_lot": lambda _ids: {"reason": "Nothing is left."},
    "recall_lot": lambda _ids: {"reason": "The maker recalls it."},
    "create_protocol": lambda _ids: {"name": "Weekly, then every other week", "phases": _PHASES},
    "draft_protocol_version": lambda _ids: {"phases": _PHASES[:1]},
    "retire_protocol_version": lambda _ids: {"reason": "Replaced after review."},
}  # fmt: skip

_TREATMENT: dict[str, Body] = {
    "create_plan": _plan,
    "change_plan": lambda ids: {
        "goals": "Less shedding.", "practitioner_id": ids["practitioner_id"],
        "protocol_id": ids["protocol_id"], "formula_id": ids["formula_id"],
    },
    "activate_plan": lambda _ids: {"acknowledged": []},
    "hold_plan": lambda _ids: {"reason": "Ferritin result is awaited."},
    **{f"open_{scope}_hold": _hold(scope) for scope in _HELD},
    "release_hold": lambda _ids: {"reason": "The result is normal."},
    "release_plan": lambda ids: {"hold_id": ids["hold_id"], "reason": "It is normal."},
    "book_course": lambda ids: {
        "practitioner_ids": [ids["practitioner_id"]], "room_ids": [ids["room_id"]],
        "acknowledged": ["PLAN-REASSESS-DUE"],
    },
    "shift_course": lambda ids: {
        "starts_at": "2026-03-25T10:30:00Z", "acknowledged": ["PLAN-REASSESS-DUE"],
        "practitioner_id": ids["practitioner_id"], "room_id": ids["room_id"],
        "also_moving": [ids["next_course_session_id"]],
    },
    "complete_plan": lambda _ids: {"reason": "All sessions given."},
    "stop_plan": lambda _ids: {"reason": "The patient moved away."},
    "reserve_first_slot": _reservation(f"{TODAY}T10:00:00+00:00"),
    "reserve_slot": _reservation("2026-06-02T10:00:00+00:00"),
    "propose_repair": _repair("practitioner_id"),
    "propose_room_repair": _repair("room_id"),
    "apply_repair": lambda _ids: {},
    "join_waitlist": lambda ids: {
        "plan_id": ids["waiting_plan_id"], "practitioner_ids": [ids["practitioner_id"]],
        "duration_minutes": 30, "until_on": "2026-06-30",
    },
    "join_to_come_earlier": lambda ids: {
        "plan_id": ids["waiting_plan_id"], "session_id": ids["offered_session_id"],
        "duration_minutes": 30, "until_on": "2026-06-30",
    },
    "reserve_offered_slot": _reservation("2026-03-09T10:00:00+00:00"),
    "accept_waitlist_offer": lambda ids: {"reservation_id": ids["offer_reservation_id"]},
    "book_session": lambda ids: {
        **_booking(f"{TODAY}T10:00:00+00:00")(ids), "reservation_id": ids["reservation_id"],
    },
    "book_cancelled_session": _booking("2026-03-09T10:00:00+00:00"),
    "book_missed_session": _booking("2026-03-10T10:00:00+00:00"),
    "reschedule_session": lambda ids: {
        "starts_at": f"{TODAY}T10:15:00+00:00", "practitioner_id": ids["practitioner_id"],
        "room_id": ids["room_id"],
    },
    "cancel_session": lambda _ids: {"reason": "The patient is travelling."},
    "check_in": lambda ids: {
        "identity_confirmed": True, "area_marked": True, "allergies_confirmed": True,
        "pregnancy_status": "not_applicable", "changes_asked": True, "events_asked": True,
        "systolic_mmhg": 120, "diastolic_mmhg": 75, "pulse_bpm": 70, "temperature_c": "36.8",
        "site_clear": True, "photo_taken": True, "consent_id": ids["consents"],
        "also_given": [
            {"ingredient_code": "LIDOCAINE", "name": "Numbing cream 2.5 %", "route": "topical",
             "strength": {"value": "2.5", "unit": "%"}, "amount": {"value": "20", "unit": "g"},
             "given_at": f"{TODAY}T09:50:00Z", "areas": ["SCALP_FRONTAL"]},
        ],
    },
    "mark_also_given_in_error": lambda _ids: {"reason": "It was 2 g, not 20."},
    "record_administration": lambda ids: _INJECTED | {
        "performed_at": f"{TODAY}T10:20:00Z", "administered_by": ids["practitioner_id"],
        "lots": [{"lot_id": ids["lot_id"], "volume_ml": "1"}],
        "also_given": [
            {"ingredient_code": "LIDOCAINE", "route": "topical",
             "dose": {"value": "50", "unit": "mg"}},
        ],
    },
    "add_addendum": lambda _ids: {"text": "Mild erythema until evening."},
    "mark_session_in_error": lambda _ids: _WHY,
    "report_side_effect": _effect,
    "follow_up_side_effect": lambda _ids: {"text": "It is less now.", "outcome": "recovering"},
    "close_task": lambda _ids: {"note": "Photographed; advice given by phone."},
    "submit_case_report": lambda _ids: {
        "recipient_kind": "authority", "recipient": "National medicines agency",
        "jurisdiction": "FR", "method": "portal",
    },
    "retract_case_report": lambda _ids: {"reason": "Sent for another patient."},
    "review_side_effect": lambda _ids: {"causality": "possible", "comment": "Timing fits."},
    "resolve_side_effect": lambda _ids: {
        "outcome": "recovered", "ended_at": "2026-03-16T12:00:00Z", "comment": "Told by phone.",
    },
    "dismiss_review_item": lambda _ids: {"reason": "The patient signs a new consent tomorrow."},
    "retract_side_effect": lambda _ids: {"reason": "Reported for another patient."},
}  # fmt: skip

_RULES: dict[str, Body] = {
    "draft_rule_set": lambda _ids: {
        "label": "own-1", "valid_from": "2026-06-01", "reason": "Half the dose for the spring.",
        "changes": {"ingredients": {"DUTASTERIDE": {"max_session": {
            "value": "0.5", "unit": "mg", "source": "Own decision", "evidence": "convention",
        }}}},
    },
    "change_rule_set": lambda _ids: {"reason": "Half the dose until summer."},
    "publish_rule_set": lambda _ids: {"approves_loosened": []},
    "backtest_rule_set": lambda _ids: {},
}  # fmt: skip

BODIES: dict[str, Body] = (
    _SIGNING_IN | _CLINIC | _CALENDARS | _PATIENTS | _FORMULARY | _TREATMENT | _RULES
)
