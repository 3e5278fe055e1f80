"""One thing that the database refuses."""

from dataclasses import dataclass

FIRST = "0012"  # the migration that installed the first guards


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger or constraint by the name that the database and its errors give it.

    since: the migration that installs it. A guard never changes under its name: a migration
    that needs another one drops this and installs a new name.
    """

    name: str
    table: str
    statements: tuple[str, ...]
    since: str = FIRST


# Who double-books on purpose says why: a code, and a comment of 20 characters or more.
EXPLAINED = "0024"  # the migration from which on
UNEXPLAINED = """{row}overbooks IS NOT NULL AND (
 {row}overbook_reason IS NULL OR {row}overbook_comment IS NULL
 OR length({row}overbook_comment) < 20)"""

# Sessions in these states take up their practitioner, room and patient. A completed one does too,
# or a session could be entered later into time that was already used.
OCCUPYING = "('scheduled', 'confirmed', 'checked_in', 'completed')"
BUFFERED = "0019"  # the migration since which buffers take up practitioner and room
BOOKED = (
    ("practitioner", "practitioner_id"),
    ("room", "room_id"),
    ("patient", "patient_id"),
)

# Rows that are written once.
APPEND_ONLY = (
    "audit_event", "event", "decision", "override", "addendum", "side_effect_review",
    "administered_area", "administered_dose", "administered_lot",
)  # fmt: skip

# Tables whose rows are frozen, when, and what may still be written about them.
STAMPS = ("version", "updated_at")
FROZEN = {
    "formula_version": (
        "OLD.state <> 'draft'",
        ("state", "retired_by", "retired_at", "retired_reason", *STAMPS),
    ),
    "protocol_version": (
        "OLD.state <> 'draft'",
        ("state", "retired_by", "retired_at", "retired_reason", *STAMPS),
    ),
    "rule_set": ("OLD.state <> 'draft'", ("state", "superseded_at", *STAMPS)),
    "administration": (
        "",
        ("entered_in_error_at", "entered_in_error_by", "entered_in_error_reason", *STAMPS),
    ),
    "also_given": (
        "",
        ("entered_in_error_at", "entered_in_error_by", "entered_in_error_reason", *STAMPS),
    ),
}
FROZEN_SINCE = {"also_given": "0017"}  # the migration, where it is not the first

# Lines that are frozen with the version they belong to.
LINES = (
    ("formula_component", "formula_version", "formula_version_id"),
    ("protocol_phase", "protocol_version", "protocol_version_id"),
)
