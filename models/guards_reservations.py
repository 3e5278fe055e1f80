"""What is reserved is not booked by others, and what is booked is not reserved.

Practitioner and room are taken with the buffers of both, the patient by the time itself.

Whether a reservation has expired the database cannot know: whoever needs the time removes expired
ones first, and what is still there refuses. Between two tables no constraint can stand, so on
PostgreSQL triggers look, after they have locked the row of the practitioner, the room or the
patient: whoever comes at the same time waits, and then sees. Triggers fire in the order of their
names: patient, practitioner, room, as everybody locks.
"""

from collections.abc import Callable
from dataclasses import dataclass

from models.guard import BOOKED, OCCUPYING, Guard

SINCE = "0018"
BUFFERED = "0028"  # the migration since which the guards between the two count buffers
_TABLES = {"practitioner": "staff_member", "room": "room", "patient": "patient"}


@dataclass(frozen=True, slots=True)
class _Taking:
    """How one kind of resource is taken: by the bare time, or with the buffers around it."""

    resource: str
    column: str

    @property
    def bare(self) -> bool:
        return self.resource == "patient"

    @property
    def since(self) -> str:
        return SINCE if self.bare else BUFFERED

    def name(self, what: str) -> str:
        return f"no_overlap_{self.resource}_{what}" + ("" if self.bare else "_occupied")

    @property
    def reserved_span(self) -> tuple[str, str]:
        return ("starts_at", "ends_at") if self.bare else ("occupied_from", "occupied_until")

    def booked_span(self, row: str = "") -> tuple[str, str]:
        """Of a session, whose buffers are null where it has none."""
        start, end = f"{row}starts_at", f"{row}ends_at"
        if self.bare:
            return start, end
        return f"coalesce({row}occupied_from, {start})", f"coalesce({row}occupied_until, {end})"

    @property
    def session_columns(self) -> tuple[str, ...]:
        """What a session takes changes with these, and with its state."""
        spans = () if self.bare else ("occupied_from", "occupied_until")
        return ("starts_at", "ends_at", *spans, "overbooks", self.column)

    def reserved(self) -> str:
        """A reservation takes the resource while the new session does."""
        (since, until), (start, end) = self.reserved_span, self.booked_span("NEW.")
        return (
            "EXISTS (SELECT 1 FROM slot_reservation"
            f" WHERE clinic_id = NEW.clinic_id AND {self.column} = NEW.{self.column}"
            f" AND {since} < {end} AND {until} > {start})"
        )

    def booked(self, different: str, shifted: Callable[[str, str], str]) -> str:
        """A session takes it while the new reservation does. shifted: a column of the new row, so
        many days earlier or later; with it only a short stretch of an index is read, because a
        session lasts a day at most, and a buffer four hours."""
        (start, end), (since, until) = self.booked_span(), self.reserved_span
        near = f"starts_at > {shifted(since, '-1 day' if self.bare else '-2 days')}"
        if not self.bare:
            near += f" AND starts_at < {shifted(until, '+1 day')}"
        return (
            "EXISTS (SELECT 1 FROM treatment_session"
            f" WHERE clinic_id = NEW.clinic_id AND {self.column} = NEW.{self.column}"
            f" AND {start} < NEW.{until} AND {end} > NEW.{since}"
            f" AND {near} AND state IN {OCCUPYING}"
            f" AND overbooks {different} '{self.resource}')"
        )


_TAKING = tuple(_Taking(*each) for each in BOOKED)


# --- PostgreSQL -------------------------------------------------------------------------------


def _looking(name: str, taking: _Taking, condition: str) -> str:
    return f"""CREATE FUNCTION anagen_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM {_TABLES[taking.resource]}
    WHERE clinic_id = NEW.clinic_id AND id = NEW.{taking.column} FOR NO KEY UPDATE;
  IF {condition} THEN
    RAISE EXCEPTION '{name}'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$"""


def _postgresql_sessions(taking: _Taking) -> tuple[Guard, ...]:
    name = taking.name("reserved")
    takes = (
        f"NEW.state IN {OCCUPYING} AND NEW.{taking.column} IS NOT NULL"
        f" AND NEW.overbooks IS DISTINCT FROM '{taking.resource}'"
    )
    # A session that only changes its state keeps what it has: nothing to lock.
    old, new = (
        ", ".join(f"{row}.{each}" for each in taking.session_columns) for row in ("OLD", "NEW")
    )
    newly = f"OLD.state NOT IN {OCCUPYING} OR ({old}) IS DISTINCT FROM ({new})"
    function = _looking(name, taking, taking.reserved())

    def trigger(kind: str, when: str) -> str:
        return (
            f"CREATE TRIGGER {name}_{kind} BEFORE {kind.upper()} ON treatment_session"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION anagen_{name}()"
        )

    table, since = "treatment_session", taking.since
    insert, update = trigger("insert", takes), trigger("update", f"{takes} AND ({newly})")
    return (
        Guard(f"{name}_insert", table, (function, insert), since),
        Guard(f"{name}_update", table, (update,), since),
    )


def _shifted(column: str, days: str) -> str:
    return f"NEW.{column} + interval '{days}'"


def _postgresql_reservations(taking: _Taking) -> tuple[Guard, ...]:
    column, (since, until) = taking.column, taking.reserved_span
    twice, name = f"no_overlap_{taking.resource}_twice", taking.name("booked")
    function = _looking(name, taking, taking.booked("IS DISTINCT FROM", _shifted))
    apart = (
        f"ALTER TABLE slot_reservation ADD CONSTRAINT {twice} EXCLUDE USING gist ("
        "uuidrange(clinic_id, clinic_id, '[]') WITH =, "
        f"uuidrange({column}, {column}, '[]') WITH =, "
        f"tstzrange({since}, {until}) WITH &&) WHERE ({column} IS NOT NULL)"
    )
    trigger = (
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON slot_reservation"
        f" FOR EACH ROW WHEN (NEW.{column} IS NOT NULL) EXECUTE FUNCTION anagen_{name}()"
    )
    return (
        Guard(twice, "slot_reservation", (apart,), SINCE),
        Guard(name, "slot_reservation", (function, trigger), taking.since),
    )


POSTGRESQL: tuple[Guard, ...] = (
    *(guard for taking in _TAKING for guard in _postgresql_sessions(taking)),
    *(guard for taking in _TAKING for guard in _postgresql_reservations(taking)),
)


# --- SQLite -----------------------------------------------------------------------------------


def _trigger(
    name: str, table: str, when: str, says: str, moved: str, since: str
) -> tuple[Guard, ...]:
    return tuple(
        Guard(
            f"{name}_{kind}",
            table,
            (
                f"CREATE TRIGGER {name}_{kind} BEFORE {event} ON {table} FOR EACH ROW"
                f" WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END",
            ),
            since,
        )
        for kind, event in (("insert", "INSERT"), ("update", f"UPDATE OF {moved}"))
    )


def _shifted_text(column: str, days: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%S', NEW.{column}, '{days}')"


def _sqlite(taking: _Taking) -> tuple[Guard, ...]:
    column, (first, last) = taking.column, taking.reserved_span
    reserved, booked = taking.name("reserved"), taking.name("booked")
    twice = f"no_overlap_{taking.resource}_twice"
    takes = (
        f"NEW.state IN {OCCUPYING} AND NEW.{column} IS NOT NULL"
        f" AND NEW.overbooks IS NOT '{taking.resource}' AND {taking.reserved()}"
    )
    another = (
        f"NEW.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM slot_reservation"
        f" WHERE clinic_id = NEW.clinic_id AND {column} = NEW.{column} AND id <> NEW.id"
        f" AND {first} < NEW.{last} AND {last} > NEW.{first})"
    )
    session = f"NEW.{column} IS NOT NULL AND {taking.booked('IS NOT', _shifted_text)}"
    moved = ", ".join(("clinic_id", "state", *taking.session_columns))
    spans = f"clinic_id, starts_at, ends_at, {column}, occupied_from, occupied_until"
    return (
        *_trigger(reserved, "treatment_session", takes, reserved, moved, taking.since),
        *_trigger(twice, "slot_reservation", another, twice, spans, SINCE),
        *_trigger(booked, "slot_reservation", session, booked, spans, taking.since),
    )


SQLITE: tuple[Guard, ...] = tuple(guard for taking in _TAKING for guard in _sqlite(taking))
