"""Who may do what: roles are names for sets of scopes (the table of the HTTP contract)."""

from enum import StrEnum


class Role(StrEnum):
    """What a staff member is in one clinic; a person may be several."""

    OWNER = "owner"
    MEDICAL_DIRECTOR = "medical_director"
    PRACTITIONER = "practitioner"
    NURSE = "nurse"
    RECEPTIONIST = "receptionist"
    AUDITOR = "auditor"


SCOPES: dict[str, str] = {
    "clinic:manage": "Change the clinic, its rooms and its calendars.",
    "staff:manage": "Add and change staff members and their roles.",
    "api_keys:manage": "Create and revoke API keys.",
    "patients:read": "Read patients' demographics.",
    "patients:write": "Register and change patients' demographics.",
    "clinical:read": "Read allergies, conditions, medicines, measurements, consents, charts.",
    "clinical:write": "Record allergies, conditions, medicines, measurements, consents.",
    "formulas:read": "Read ingredients, formulas, lots and protocols.",
    "formulas:write": "Author ingredients, formulas and protocols.",
    "formulas:approve": "Approve formula versions that somebody else wrote.",
    "protocols:approve": "Approve protocol versions that somebody else wrote.",
    "plans:read": "Read treatment plans and windows.",
    "plans:write": "Create plans and move them through their states.",
    "sessions:read": "Read sessions.",
    "sessions:schedule": "Book, move, confirm and cancel sessions.",
    "sessions:overbook": "Double-book a person or a room on purpose.",
    "sessions:administer": "Check patients in and record administrations.",
    "side_effects:read": "Read side effects.",
    "side_effects:report": "Report side effects.",
    "side_effects:review": "Review and resolve side effects.",
    "holds:release": "Release holds.",
    "rules:read": "Read rules, rule sets and decisions.",
    "rules:override": "Override findings that the rules allow to be overridden.",
    "rules:manage": "Draft and publish rule sets.",
    "lots:write": "Receive, open, quarantine and recall lots.",
    "insights:read": "Read figures about the clinic.",
    "audit:read": "Read the audit log.",
    "events:read": "Read the event feed.",
    "webhooks:manage": "Manage webhook endpoints.",
}

# Judgement is a person's: no API key may hold these.
PERSONAL_SCOPES = frozenset(
    {"staff:manage", "rules:override", "formulas:approve", "holds:release", "sessions:overbook"}
)

_CLINICIAN = frozenset(
    {
        "patients:read", "patients:write", "clinical:read", "clinical:write",
        "formulas:read", "plans:read", "sessions:read", "sessions:schedule",
        "sessions:administer", "side_effects:read", "side_effects:report",
        "rules:read", "lots:write",
    }
)  # fmt: skip
_PRACTITIONER = _CLINICIAN | {
    "formulas:write", "plans:write", "side_effects:review", "holds:release",
    "rules:override", "insights:read", "sessions:overbook",
}  # fmt: skip

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset(
        {
            "clinic:manage", "staff:manage", "api_keys:manage", "patients:read",
            "patients:write", "formulas:read", "plans:read", "sessions:read",
            "sessions:schedule", "rules:read", "lots:write", "insights:read",
            "audit:read", "events:read", "webhooks:manage",
        }
    ),
    Role.MEDICAL_DIRECTOR: _PRACTITIONER
    | {"formulas:approve", "protocols:approve", "rules:manage"},
    Role.PRACTITIONER: _PRACTITIONER,
    Role.NURSE: _CLINICIAN,
    Role.RECEPTIONIST: frozenset(
        {
            "patients:read", "patients:write", "plans:read", "sessions:read",
            "sessions:schedule", "side_effects:report", "rules:read",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "patients:read", "clinical:read", "formulas:read", "plans:read",
            "sessions:read", "side_effects:read", "rules:read", "insights:read",
            "audit:read",
        }
    ),
}  # fmt: skip


def scopes_of(roles: frozenset[Role]) -> frozenset[str]:
    """All scopes that these roles give together."""
    return frozenset().union(*(ROLE_SCOPES[role] for role in roles))
