"""One small story that does everything once: each operation that writes succeeds in it.

A new writing operation gets a step here and a body in `bodies.py`; until then its tests fail.
"""

from tests.contracts.operations import Operation, id_name
from tests.contracts.telling import Step

_HEAD, _MEDICAL = "owner", "medical_director"
_RECORDS = {
    "allergy": "allergies",
    "condition": "conditions",
    "medication": "medications",
    "measurement": "measurements",
    "assessment": "assessments",
    "consent": "consents",
    "therapy": "therapies",
    "lifestyle_factor": "lifestyle-factors",
    "consultation": "consultations",
    "pregnancy_statement": "pregnancy-statements",
}
_COMPLETED = ("allergy", "condition", "medication", "therapy", "lifestyle_factor")


def _people() -> list[Step]:
    return [
        Step("change_clinic", _HEAD),
        Step("add_room", _HEAD, saves={"room_id": "/id"}),
        Step("change_room", _HEAD),
        Step("add_staff_member", _HEAD, saves={"staff_id": "/id"}),
        Step("change_staff_member", _HEAD),
        Step("create_token", "anonymous", saves={"token": "/access_token"}),
        Step("change_password", "newcomer"),
        Step("revoke_token", "anonymous"),
        Step("create_api_key", _HEAD, saves={"key_id": "/id"}),
        Step("revoke_api_key", _HEAD),
        Step("create_calendar", _HEAD),
        Step(
            "create_calendar",
            _HEAD,
            body="create_room_calendar",
            saves={"calendar_id": "/id", "feed_token": "/secret"},
        ),
        Step("revoke_calendar", _HEAD),
    ]


def _calendars() -> list[Step]:
    return [
        Step("replace_opening_hours", _HEAD),
        Step("change_booking_settings", _HEAD),
        Step("add_closure", _HEAD, saves={"closure_id": "/id"}),
        Step("change_closure", _HEAD),
        Step("remove_closure", _HEAD),
        Step("add_closure", _HEAD, saves={"closure_id": "/id"}),
        Step("import_public_holidays", _HEAD),
        Step("replace_working_hours", _HEAD),
        Step("add_time_off", _HEAD, saves={"time_off_id": "/id"}),
        Step("change_time_off", _HEAD),
        Step("remove_time_off", _HEAD),
        Step("add_time_off", _HEAD, saves={"time_off_id": "/id"}),
    ]


def _patient() -> list[Step]:
    """Each record that the treatment does not need is marked as entered in error at once."""
    steps = [
        Step("register_patient", saves={"patient_id": "/id"}),
        Step("change_patient"),
        Step("search_patients"),
    ]
    for noun, collection in _RECORDS.items():
        first = "record_other_allergy" if noun == "allergy" else ""
        steps.append(Step(f"record_{noun}", body=first, saves={collection: "/id"}))
        if noun in _COMPLETED:
            steps.append(Step(f"change_{noun}"))
        if noun == "consent":
            steps.append(Step("withdraw_consent"))
        steps.append(Step(f"mark_{noun}_entered_in_error"))
    return [
        *steps,
        Step("record_allergy", saves={"allergies": "/id"}),
        Step("record_condition", body="record_no_condition", saves={"conditions": "/id"}),
        Step("record_medication", body="record_no_medication", saves={"medications": "/id"}),
        Step("record_therapy", body="record_no_therapy", saves={"therapies": "/id"}),
        Step("record_assessment", saves={"assessments": "/id"}),
        Step("record_measurement", saves={"measurements": "/id"}),
        Step("record_consent", saves={"consents": "/id"}),
    ]


def _formulary() -> list[Step]:
    return [
        Step("add_ingredient", saves={"ingredients": "/code"}),
        Step("create_formula", saves={"formula_id": "/id"}),
        Step("approve_formula_version", _MEDICAL),
        Step("create_formula", body="create_derived_formula", saves={"copied_formula_id": "/id"}),
        Step("draft_formula_version", path={"formula_id": "copied_formula_id"}),
        Step("create_protocol", saves={"protocol_id": "/id"}),
        Step("approve_protocol_version", _MEDICAL),
        Step("create_protocol", saves={"old_protocol_id": "/id"}),
        Step("draft_protocol_version", path={"protocol_id": "old_protocol_id"}),
        Step("receive_lot", "nurse", saves={"lot_id": "/id"}),
        Step("open_lot", "nurse"),
        Step("quarantine_lot", "nurse"),
        Step("release_lot"),
        Step("receive_lot", "nurse", body="receive_second_lot", saves={"old_lot_id": "/id"}),
        Step("use_up_lot", "nurse", path={"lot_id": "old_lot_id"}),
    ]


def _treatment() -> list[Step]:
    return [
        Step("create_plan", saves={"plan_id": "/id"}),
        Step("change_plan"),
        Step("activate_plan", _MEDICAL),
        Step(
            "reserve_slot",
            "receptionist",
            body="reserve_first_slot",
            saves={"reservation_id": "/id"},
        ),
        Step("book_session", "receptionist", saves={"session_id": "/id"}),
        Step("reschedule_session", "receptionist"),
        Step("confirm_session", "receptionist"),
        Step(
            "check_in",
            "nurse",
            later={"hours": 2},
            saves={"also_given_id": "/screening/also_given/0/id"},
        ),
        Step("mark_also_given_in_error", "nurse"),
        Step("record_administration", later={"minutes": 30}, saves={"decision_id": "/decision_id"}),
        Step("add_addendum"),
        Step("record_measurement", body="record_measurement_at_session"),
        Step("book_session", body="book_cancelled_session", saves={"cancelled_session_id": "/id"}),
        *_reviewed(),
        *_waited(),
        Step("book_session", body="book_missed_session", saves={"missed_session_id": "/id"}),
        Step(
            "mark_no_show",
            "receptionist",
            path={"session_id": "missed_session_id"},
            later={"days": 15},
        ),
        Step("replay_decision", _MEDICAL),
    ]


def _waited() -> list[Step]:
    """Another plan waits; it gets what is cancelled at the second offer, and cancels as well."""
    desk = "receptionist"
    cancelled = {"session_id": "cancelled_session_id"}
    return [
        Step("create_plan", saves={"waiting_plan_id": "/id"}),
        Step("activate_plan", _MEDICAL, path={"plan_id": "waiting_plan_id"}),
        Step("join_waitlist", desk, saves={"entry_id": "/id"}),
        Step("cancel_session", desk, path=cancelled),
        Step("list_waitlist_offers", desk, saves={"offer_id": "/items/0/id"}),
        Step("decline_waitlist_offer", desk),
        Step("book_session", body="book_cancelled_session", saves={"cancelled_session_id": "/id"}),
        Step("cancel_session", desk, path=cancelled),
        Step(
            "list_waitlist_offers",
            desk,
            saves={"offer_id": "/items/1/id", "slot_id": "/items/1/slot_id"},
        ),
        Step(
            "reserve_slot",
            desk,
            body="reserve_offered_slot",
            saves={"offer_reservation_id": "/id"},
        ),
        Step("accept_waitlist_offer", desk, saves={"offered_session_id": "/id"}),
        Step("join_waitlist", desk, body="join_to_come_earlier", saves={"entry_id": "/id"}),
        Step("withdraw_from_waitlist", desk),
        Step("cancel_session", desk, path={"session_id": "offered_session_id"}),
    ]


def _reviewed() -> list[Step]:
    """A session to come that nobody agrees to any more, until the patient signs again."""
    return [
        Step("withdraw_consent"),
        Step("list_review", saves={"item_id": "/items/0/id"}),
        Step("dismiss_review_item"),
        Step("record_consent", saves={"consents": "/id"}),
    ]


def _aftermath() -> list[Step]:
    return [
        Step("report_side_effect", "nurse", saves={"side_effect_id": "/id"}),
        Step("follow_up_side_effect", "nurse"),
        Step("list_tasks", "nurse", saves={"task_id": "/items/0/id"}),
        Step("close_task", "nurse"),
        Step("submit_case_report", _MEDICAL, saves={"submission_id": "/submission/id"}),
        Step("retract_case_report", _MEDICAL),
        Step("review_side_effect", _MEDICAL),
        Step("resolve_side_effect", _MEDICAL),
        Step("report_side_effect", "nurse", saves={"mistaken_effect_id": "/id"}),
        Step("retract_side_effect", _MEDICAL, path={"side_effect_id": "mistaken_effect_id"}),
        Step("hold_plan", _MEDICAL, saves={"hold_id": "/holds/0/id"}),
        Step("release_plan", _MEDICAL),
        *_holds(),
        Step("mark_session_in_error", _MEDICAL),
        Step("complete_plan"),
        Step("create_plan", saves={"stopped_plan_id": "/id"}),
        Step("activate_plan", _MEDICAL, path={"plan_id": "stopped_plan_id"}),
        Step(
            "book_course",
            "receptionist",
            path={"plan_id": "stopped_plan_id"},
            saves={
                "course_session_id": "/sessions/1/id",
                "next_course_session_id": "/sessions/2/id",
            },
        ),
        Step("shift_course", "receptionist", path={"session_id": "course_session_id"}),
        Step("stop_plan", path={"plan_id": "stopped_plan_id"}),
        Step("recall_lot", "nurse"),
        Step("retire_formula_version", _MEDICAL),
        Step("retire_protocol_version", _MEDICAL),
        Step("cancel_operation", _HEAD),
    ]


def _holds() -> list[Step]:
    """One of each scope that names a row, released before the next."""
    steps = []
    for scope in ("plan", "patient", "session", "formula", "lot"):
        body = f"open_{scope}_hold"
        steps.append(Step("open_hold", _MEDICAL, body=body, saves={"hold_id": "/id"}))
        steps.append(Step("release_hold", _MEDICAL))
    return steps


def _figures() -> list[Step]:
    """The clinic's own figures: written by one director, published by the other."""
    second = {"number": "rule_set_number"}
    return [
        Step("draft_rule_set", _MEDICAL, saves={"rule_set_number": "/number"}),
        Step("change_rule_set", _MEDICAL, path=second),
        Step("backtest_rule_set", _MEDICAL, path=second, saves={"backtest_id": "/id"}),
        Step(
            "publish_rule_set",
            "second:medical_director",
            path=second,
            saves={"recheck_id": "/recheck_operation_id"},
        ),
    ]


def _reserved() -> list[Step]:
    """Minutes before the walk begins: what is kept free is so for half an hour at most."""
    almost_there = {"days": 5, "hours": 21, "minutes": 10}
    return [
        Step("reserve_slot", "receptionist", saves={"given_up_id": "/id"}, later=almost_there),
        Step("release_reservation", "receptionist", path={"reservation_id": "given_up_id"}),
        Step("reserve_slot", "receptionist", saves={"reservation_id": "/id"}),
        Step("propose_repair", "receptionist"),
        Step("propose_repair", "receptionist", body="propose_room_repair"),
        Step("apply_repair", "receptionist"),
    ]


STORY = (
    *_people(), *_calendars(), *_patient(), *_formulary(), *_treatment(), *_aftermath(),
    *_figures(), *_reserved(),
)  # fmt: skip

# Path parameters of reads that are not called what the story calls the thing.
_READ_PATHS = {
    "list_backtest_sessions": {"number": "rule_set_number", "operation_id": "backtest_id"},
    "list_rechecked_sessions": {"number": "rule_set_number", "operation_id": "recheck_id"},
}


def called(operation: Operation, parameter: str) -> str:
    """What the story calls the thing that a path parameter of a read names."""
    return _READ_PATHS.get(operation.id, {}).get(parameter, id_name(operation, parameter))
