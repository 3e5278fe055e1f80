"""What is stored: one table per file, all of them known once this package is imported."""

from models.access_token import AccessToken
from models.account import Account
from models.actor import ActorKind
from models.addendum import Addendum
from models.administered_area import AdministeredArea, Side
from models.administered_dose import AdministeredDose
from models.administered_lot import AdministeredLot
from models.administration import Administration
from models.allergy import Allergy, AllergySeverity, AllergyStatus
from models.also_given import AlsoGiven, GivenMeasure, GivenRoute
from models.api_key import ApiKey
from models.assessment import Assessment
from models.assessment_diagnosis import AssessmentDiagnosis, DiagnosisStatus
from models.audit_event import AuditEvent
from models.audit_head import AuditHead
from models.base import ClinicRecord, Record
from models.booking_settings import BookingSettings, SessionKind
from models.calendar_departure import CalendarDeparture
from models.calendar_feed import CalendarFeed, FeedDetail
from models.clinic import Clinic
from models.clinical_record import ClinicalRecord, RecordedRow
from models.closure import Closure
from models.condition import Condition
from models.consent import Consent, ConsentSigner
from models.consultation import Consultation
from models.counter import Counter
from models.decision import Decision, DecisionOutcome, DecisionStage
from models.event import Event
from models.flush_order import order_flushes
from models.formula import Formula
from models.formula_component import FormulaComponent
from models.formula_version import FormulaState, FormulaVersion
from models.freed_slot import FreedSlot
from models.hold import Hold, HoldEffect, HoldScope
from models.idempotency_record import IdempotencyRecord
from models.ingredient import Ingredient, IngredientStatus, IngredientUnit
from models.lifestyle_factor import LifestyleFactor
from models.lot import Container, Lot, LotState
from models.measurement import Measurement
from models.medication import Medication
from models.opening_hours import OpeningHours
from models.operation import Operation, OperationStatus
from models.operation_item import OperationItem
from models.override import Override, OverrideKind
from models.patient import Patient, Sex
from models.patient_search_term import PatientSearchTerm
from models.pregnancy_statement import PregnancyStatement
from models.protocol_phase import ProtocolPhase
from models.protocol_version import ProtocolState, ProtocolVersion
from models.refresh_token import RefreshToken
from models.repair import Repair, RepairPlanner, RepairState
from models.report_clock import ReportClock
from models.report_submission import RecipientKind, ReportDecision, ReportSubmission
from models.room import Room
from models.rule_set import RuleSet, RuleSetState
from models.screening import PregnancyStatus, PregnancyTestResult, Screening
from models.side_effect import Expectedness, Reporter, SideEffect, SideEffectState
from models.side_effect_follow_up import SideEffectFollowUp
from models.side_effect_review import SideEffectReview
from models.sign_in import SignIn
from models.sign_in_attempt import SignInAttempt
from models.slot_reservation import SlotReservation
from models.staff_member import StaffMember
from models.therapy import Therapy
from models.time_off import TimeOff
from models.treatment_plan import PlanState, TreatmentPlan
from models.treatment_protocol import TreatmentProtocol
from models.treatment_session import BookedResource, SessionState, TreatmentSession
from models.waitlist_entry import WaitlistEntry, WaitlistState
from models.waitlist_offer import OfferAnswer, WaitlistOffer
from models.webhook_delivery import DeliveryState, WebhookDelivery
from models.webhook_endpoint import WebhookEndpoint
from models.working_hours import WorkingHours
from models.worklist_item import WorklistEnd, WorklistItem, WorklistKind, WorklistSeverity

order_flushes()

__all__ = [
    "AccessToken",
    "Account",
    "ActorKind",
    "Addendum",
    "AdministeredArea",
    "AdministeredDose",
    "AdministeredLot",
    "Administration",
    "Allergy",
    "AllergySeverity",
    "AllergyStatus",
    "AlsoGiven",
    "ApiKey",
    "Assessment",
    "AssessmentDiagnosis",
    "AuditEvent",
    "AuditHead",
    "BookedResource",
    "BookingSettings",
    "CalendarDeparture",
    "CalendarFeed",
    "Clinic",
    "ClinicRecord",
    "ClinicalRecord",
    "Closure",
    "Condition",
    "Consent",
    "ConsentSigner",
    "Consultation",
    "Container",
    "Counter",
    "Decision",
    "DecisionOutcome",
    "DecisionStage",
    "DeliveryState",
    "DiagnosisStatus",
    "Event",
    "Expectedness",
    "FeedDetail",
    "Formula",
    "FormulaComponent",
    "FormulaState",
    "FormulaVersion",
    "FreedSlot",
    "GivenMeasure",
    "GivenRoute",
    "Hold",
    "HoldEffect",
    "HoldScope",
    "IdempotencyRecord",
    "Ingredient",
    "IngredientStatus",
    "IngredientUnit",
    "LifestyleFactor",
    "Lot",
    "LotState",
    "Measurement",
    "Medication",
    "OfferAnswer",
    "OpeningHours",
    "Operation",
    "OperationItem",
    "OperationStatus",
    "Override",
    "OverrideKind",
    "Patient",
    "PatientSearchTerm",
    "PlanState",
    "PregnancyStatement",
    "PregnancyStatus",
    "PregnancyTestResult",
    "ProtocolPhase",
    "ProtocolState",
    "ProtocolVersion",
    "RecipientKind",
    "Record",
    "RecordedRow",
    "RefreshToken",
    "Repair",
    "RepairPlanner",
    "RepairState",
    "ReportClock",
    "ReportDecision",
    "ReportSubmission",
    "Reporter",
    "Room",
    "RuleSet",
    "RuleSetState",
    "Screening",
    "SessionKind",
    "SessionState",
    "Sex",
    "Side",
    "SideEffect",
    "SideEffectFollowUp",
    "SideEffectReview",
    "SideEffectState",
    "SignIn",
    "SignInAttempt",
    "SlotReservation",
    "StaffMember",
    "Therapy",
    "TimeOff",
    "TreatmentPlan",
    "TreatmentProtocol",
    "TreatmentSession",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistState",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WorkingHours",
    "WorklistEnd",
    "WorklistItem",
    "WorklistKind",
    "WorklistSeverity",
]
