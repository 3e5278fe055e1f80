"""The guards of SQLite: triggers that abort with the guard's name.

SQLite serialises its writers, so a trigger that looks is as good as a constraint.
"""

from models import guards_reservations
from models.guard import (
    APPEND_ONLY,
    BOOKED,
    BUFFERED,
    EXPLAINED,
    FIRST,
    FROZEN,
    FROZEN_SINCE,
    LINES,
    OCCUPYING,
    UNEXPLAINED,
    Guard,
)

# Spelled out, because a trigger that named tomorrow's columns could not be installed by today's
# migration. A test keeps them complete.
FROZEN_COLUMNS = {
    "formula_version": """clinic_id id created_at recorded_by recorded_at formula_id number
        total_volume_ul ph_hundredths notes change_reason supersedes_id approved_by approved_at
        decision_id""",
    "protocol_version": """clinic_id id created_at protocol_id number total_sessions
        maintenance_target_days maintenance_min_days maintenance_max_days reassess
        reassess_after_sessions ingredient_exceptions source evidence notes recorded_by
        supersedes_id approved_by approved_at""",
    "rule_set": """clinic_id id created_at number label valid_from document content_hash
        based_on_id reason recorded_by published_by published_at""",
    "administration": """clinic_id id created_at recorded_by recorded_at patient_id session_id
        plan_id formula_version_id administered_by performed_at performed_on
        preparation_started_at administered_ul discarded_ul observation_minutes pain_score
        visually_clear emergency_kit_checked_on retrospective retrospective_reason decision_id
        notes""",
    "also_given": """clinic_id id created_at recorded_by recorded_at patient_id session_id
        administration_id ingredient_id ingredient_code name route local_anaesthetic
        strength_milli amount_milli measure unit dose_micro given_at areas""",
}

# A session lasts at most a day, so one that overlaps starts less than a day before this one:
# that keeps the search inside a short stretch of the index however long the history is.
# Instants are text of one width, which sorts by time.
_DAY_BEFORE = "strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-1 day')"
_DAY_AFTER = "strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '999'"

# With buffers of at most four hours on either side of both, one that meets this one starts less
# than 32 hours before or after it.
_TWO_DAYS_BEFORE = "strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-2 days')"
_TWO_DAYS_AFTER = "strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '+2 days')"


def _hours(column: str, shift: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '{shift}')"


def _trigger(name: str, table: str, event: str, when: str, says: str, since: str = FIRST) -> Guard:
    condition = f" WHEN {when}" if when else ""
    return Guard(
        name,
        table,
        (
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{condition}"
            f" BEGIN SELECT RAISE(ABORT, '{says}'); END",
        ),
        since,
    )


def _no_overlap_patient() -> tuple[Guard, ...]:
    """A patient is taken by the session itself."""
    says, column = "no_overlap_patient", "patient_id"
    when = f"""NEW.state IN {OCCUPYING} AND NEW.{column} IS NOT NULL
 AND NEW.overbooks IS NOT 'patient' AND EXISTS (
 SELECT 1 FROM treatment_session
 WHERE clinic_id = NEW.clinic_id AND {column} = NEW.{column} AND id <> NEW.id
 AND state IN {OCCUPYING} AND overbooks IS NOT 'patient'
 AND starts_at > {_DAY_BEFORE} AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at)"""
    moved = f"UPDATE OF clinic_id, state, starts_at, ends_at, overbooks, {column}"
    return (
        _trigger(f"{says}_insert", "treatment_session", "INSERT", when, says),
        _trigger(f"{says}_update", "treatment_session", moved, when, says),
    )


def _no_overlap(resource: str, column: str) -> tuple[Guard, ...]:
    """Practitioner and room are taken by the session with its buffers."""
    says = f"no_overlap_{resource}_occupied"
    mine = ("coalesce(NEW.occupied_from, NEW.starts_at)",
            "coalesce(NEW.occupied_until, NEW.ends_at)")  # fmt: skip
    when = f"""NEW.state IN {OCCUPYING} AND NEW.{column} IS NOT NULL
 AND NEW.overbooks IS NOT '{resource}' AND EXISTS (
 SELECT 1 FROM treatment_session
 WHERE clinic_id = NEW.clinic_id AND {column} = NEW.{column} AND id <> NEW.id
 AND state IN {OCCUPYING} AND overbooks IS NOT '{resource}'
 AND starts_at > {_TWO_DAYS_BEFORE} AND starts_at < {_TWO_DAYS_AFTER}
 AND coalesce(occupied_from, starts_at) < {mine[1]}
 AND coalesce(occupied_until, ends_at) > {mine[0]})"""
    moved = (
        "UPDATE OF clinic_id, state, starts_at, ends_at, occupied_from, occupied_until, overbooks,"
        f" {column}"
    )
    return (
        _trigger(f"{says}_insert", "treatment_session", "INSERT", when, says, BUFFERED),
        _trigger(f"{says}_update", "treatment_session", moved, when, says, BUFFERED),
    )


def _session_buffers() -> tuple[Guard, ...]:
    early = _hours("NEW.starts_at", "-4 hours")
    late = _hours("NEW.ends_at", "+4 hours") + " || '999'"
    when = (
        f"NEW.occupied_from > NEW.starts_at OR NEW.occupied_from < {early}"
        f" OR NEW.occupied_until < NEW.ends_at OR NEW.occupied_until > {late}"
    )
    says = "session_buffers"
    moved = "UPDATE OF starts_at, ends_at, occupied_from, occupied_until"
    return (
        _trigger(f"{says}_insert", "treatment_session", "INSERT", when, says, BUFFERED),
        _trigger(f"{says}_update", "treatment_session", moved, when, says, BUFFERED),
    )


def _overbooking_explained() -> tuple[Guard, ...]:
    when = UNEXPLAINED.format(row="NEW.")
    says = "overbooking_explained"
    moved = "UPDATE OF overbooks, overbook_reason, overbook_comment"
    return (
        _trigger(f"{says}_insert", "treatment_session", "INSERT", when, says, EXPLAINED),
        _trigger(f"{says}_update", "treatment_session", moved, when, says, EXPLAINED),
    )


def _session_length() -> tuple[Guard, ...]:
    when = f"NEW.ends_at > {_DAY_AFTER}"
    says = "session_length"
    moved = "UPDATE OF starts_at, ends_at"
    return (
        _trigger(f"{says}_insert", "treatment_session", "INSERT", when, says),
        _trigger(f"{says}_update", "treatment_session", moved, when, says),
    )


def _append_only(table: str) -> tuple[Guard, ...]:
    says = f"append_only_{table}"
    return (
        _trigger(f"{says}_update", table, "UPDATE", "", says),
        _trigger(f"{says}_delete", table, "DELETE", "", says),
    )


def _frozen(table: str, when: str) -> tuple[Guard, ...]:
    columns, since = ", ".join(FROZEN_COLUMNS[table].split()), FROZEN_SINCE.get(table, FIRST)
    return (
        _trigger(f"frozen_{table}", table, f"UPDATE OF {columns}", when, f"frozen_{table}", since),
        _trigger(f"kept_{table}", table, "DELETE", when, f"kept_{table}", since),
    )


def _frozen_line(table: str, parent: str, column: str) -> tuple[Guard, ...]:
    says = f"frozen_{table}"

    def approved(row: str) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {parent} p WHERE p.clinic_id = {row}.clinic_id"
            f" AND p.id = {row}.{column} AND p.state <> 'draft')"
        )

    either = f"{approved('OLD')} OR {approved('NEW')}"
    return (
        _trigger(f"{says}_insert", table, "INSERT", approved("NEW"), says),
        _trigger(f"{says}_update", table, "UPDATE", either, says),
        _trigger(f"{says}_delete", table, "DELETE", approved("OLD"), says),
    )


GUARDS: tuple[Guard, ...] = (
    *_session_length(),
    *_session_buffers(),
    *_overbooking_explained(),
    *_no_overlap_patient(),
    *(guard for booked in BOOKED if booked[0] != "patient" for guard in _no_overlap(*booked)),
    *(guard for table in APPEND_ONLY for guard in _append_only(table)),
    *(guard for table, (when, _) in FROZEN.items() for guard in _frozen(table, when)),
    *(guard for line in LINES for guard in _frozen_line(*line)),
    *guards_reservations.SQLITE,
)
