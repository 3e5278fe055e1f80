"""What is reserved is not booked by others, and what is booked is not reserved.

Whether a reservation has expired the database cannot know: whoever needs the time removes expired
ones first, and what is still there refuses. Between two tables no constraint can stand, so on
PostgreSQL triggers look, after they have locked the row of the practitioner, the room or the
patient: whoever comes at the same time waits, and then sees. Triggers fire in the order of their
names: patient, practitioner, room, as everybody locks.
"""

from models.guard import BOOKED, OCCUPYING, Guard

SINCE = "0018"
_TABLES = {"practitioner": "staff_member", "room": "room", "patient": "patient"}


def _taken(resource: str, column: str, row: str) -> str:
    """Rows of the other table that take the same resource at an overlapping time."""
    return (
        f"clinic_id = {row}.clinic_id AND {column} = {row}.{column}"
        f" AND starts_at < {row}.ends_at AND ends_at > {row}.starts_at"
    )


def _reserved(resource: str, column: str) -> str:
    return f"EXISTS (SELECT 1 FROM slot_reservation WHERE {_taken(resource, column, 'NEW')})"


def _booked(resource: str, column: str, different: str, day_before: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM treatment_session WHERE {_taken(resource, column, 'NEW')}"
        f" AND starts_at > {day_before} AND state IN {OCCUPYING}"
        f" AND overbooks {different} '{resource}')"
    )


# --- PostgreSQL -------------------------------------------------------------------------------


def _looking(name: str, resource: str, column: str, condition: str) -> str:
    return f"""CREATE FUNCTION anagen_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM {_TABLES[resource]}
    WHERE clinic_id = NEW.clinic_id AND id = NEW.{column} FOR NO KEY UPDATE;
  IF {condition} THEN
    RAISE EXCEPTION '{name}'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$"""


def _postgresql_sessions(resource: str, column: str) -> tuple[Guard, ...]:
    name = f"no_overlap_{resource}_reserved"
    takes = (
        f"NEW.state IN {OCCUPYING} AND NEW.{column} IS NOT NULL"
        f" AND NEW.overbooks IS DISTINCT FROM '{resource}'"
    )
    # A session that only changes its state keeps what it has: nothing to lock.
    compared = ("starts_at", "ends_at", "overbooks", column)
    old, new = (", ".join(f"{row}.{each}" for each in compared) for row in ("OLD", "NEW"))
    newly = f"OLD.state NOT IN {OCCUPYING} OR ({old}) IS DISTINCT FROM ({new})"
    function = _looking(name, resource, column, _reserved(resource, column))
    start = "FOR EACH ROW WHEN"
    run = f"EXECUTE FUNCTION anagen_{name}()"
    return (
        Guard(
            f"{name}_insert",
            "treatment_session",
            (
                function,
                f"CREATE TRIGGER {name}_insert BEFORE INSERT ON treatment_session"
                f" {start} ({takes}) {run}",
            ),
            SINCE,
        ),
        Guard(
            f"{name}_update",
            "treatment_session",
            (
                f"CREATE TRIGGER {name}_update BEFORE UPDATE ON treatment_session"
                f" {start} ({takes} AND ({newly})) {run}",
            ),
            SINCE,
        ),
    )


def _postgresql_reservations(resource: str, column: str) -> tuple[Guard, ...]:
    twice, name = f"no_overlap_{resource}_twice", f"no_overlap_{resource}_booked"
    span = "starts_at, ends_at" if resource == "patient" else "occupied_from, occupied_until"
    day_before = "NEW.starts_at - interval '1 day'"
    function = _looking(
        name, resource, column, _booked(resource, column, "IS DISTINCT FROM", day_before)
    )
    return (
        Guard(
            twice,
            "slot_reservation",
            (
                f"ALTER TABLE slot_reservation ADD CONSTRAINT {twice} EXCLUDE USING gist ("
                "uuidrange(clinic_id, clinic_id, '[]') WITH =, "
                f"uuidrange({column}, {column}, '[]') WITH =, "
                f"tstzrange({span}) WITH &&) WHERE ({column} IS NOT NULL)",
            ),
            SINCE,
        ),
        Guard(
            name,
            "slot_reservation",
            (
                function,
                f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON slot_reservation"
                f" FOR EACH ROW WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION anagen_{name}()",
            ),
            SINCE,
        ),
    )


POSTGRESQL: tuple[Guard, ...] = (
    *(guard for booked in BOOKED for guard in _postgresql_sessions(*booked)),
    *(guard for booked in BOOKED for guard in _postgresql_reservations(*booked)),
)


# --- SQLite -----------------------------------------------------------------------------------


def _trigger(name: str, table: str, when: str, says: str, moved: str) -> tuple[Guard, ...]:
    return tuple(
        Guard(
            f"{name}_{kind}",
            table,
            (
                f"CREATE TRIGGER {name}_{kind} BEFORE {event} ON {table} FOR EACH ROW"
                f" WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END",
            ),
            SINCE,
        )
        for kind, event in (("insert", "INSERT"), ("update", f"UPDATE OF {moved}"))
    )


def _sqlite(resource: str, column: str) -> tuple[Guard, ...]:
    reserved, booked = f"no_overlap_{resource}_reserved", f"no_overlap_{resource}_booked"
    twice, moved = f"no_overlap_{resource}_twice", f"clinic_id, starts_at, ends_at, {column}"
    first, last = ("starts_at", "ends_at") if resource == "patient" else (
        "occupied_from", "occupied_until"
    )  # fmt: skip
    takes = (
        f"NEW.state IN {OCCUPYING} AND NEW.{column} IS NOT NULL"
        f" AND NEW.overbooks IS NOT '{resource}' AND {_reserved(resource, column)}"
    )
    another = (
        f"NEW.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM slot_reservation"
        f" WHERE clinic_id = NEW.clinic_id AND {column} = NEW.{column} AND id <> NEW.id"
        f" AND {first} < NEW.{last} AND {last} > NEW.{first})"
    )
    day_before = "strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-1 day')"
    session = f"NEW.{column} IS NOT NULL AND {_booked(resource, column, 'IS NOT', day_before)}"
    spans = f"{moved}, occupied_from, occupied_until"
    return (
        *_trigger(reserved, "treatment_session", takes, reserved, f"{moved}, state, overbooks"),
        *_trigger(twice, "slot_reservation", another, twice, spans),
        *_trigger(booked, "slot_reservation", session, booked, spans),
    )


SQLITE: tuple[Guard, ...] = tuple(guard for booked in BOOKED for guard in _sqlite(*booked))
