"""The guards of PostgreSQL 15 or later: exclusion constraints and triggers, no extension.

An error carries the guard's name as its constraint name. A range over uuid stands in for
`btree_gist`. (On Citus, where an exclusion must name `clinic_id` itself, build the three with
btree_gist instead: same names, `clinic_id WITH =`.)
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

_REFUSE = """CREATE FUNCTION anagen_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$"""

# The arguments of the trigger are the columns that may still change.
_REFUSE_REWRITE = """CREATE FUNCTION anagen_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(OLD) - TG_ARGV) IS DISTINCT FROM (to_jsonb(NEW) - TG_ARGV) THEN
    RAISE EXCEPTION '%', TG_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$"""


def _no_overlap(resource: str, column: str) -> Guard:
    """A patient is taken by the session itself, the others by the session with its buffers."""
    bare = resource == "patient"
    name = f"no_overlap_{resource}" + ("" if bare else "_occupied")
    start, end = "starts_at", "ends_at"
    if not bare:
        start, end = f"coalesce(occupied_from, {start})", f"coalesce(occupied_until, {end})"
    # Without the test for null, a session without a room would hold every room: a range
    # without bounds is the whole line.
    condition = (
        f"state IN {OCCUPYING} AND {column} IS NOT NULL AND overbooks IS DISTINCT FROM '{resource}'"
    )
    return Guard(
        name,
        "treatment_session",
        (
            f"ALTER TABLE treatment_session ADD CONSTRAINT {name} EXCLUDE USING gist ("
            "uuidrange(clinic_id, clinic_id, '[]') WITH =, "
            f"uuidrange({column}, {column}, '[]') WITH =, "
            f"tstzrange({start}, {end}) WITH &&) WHERE ({condition})",
        ),
        FIRST if bare else BUFFERED,
    )


_OVERBOOKING_EXPLAINED = Guard(
    "overbooking_explained",
    "treatment_session",
    (
        "ALTER TABLE treatment_session ADD CONSTRAINT overbooking_explained CHECK"
        f" (NOT ({UNEXPLAINED.format(row='')}))",
    ),
    since=EXPLAINED,
)

_SESSION_LENGTH = Guard(
    "session_length",
    "treatment_session",
    (
        "ALTER TABLE treatment_session ADD CONSTRAINT session_length CHECK"
        " (extract(epoch FROM ends_at) - extract(epoch FROM starts_at) <= 86400)",
    ),
)

# A null compares as unknown, which a CHECK lets pass: a session without buffers.
_SESSION_BUFFERS = Guard(
    "session_buffers",
    "treatment_session",
    (
        "ALTER TABLE treatment_session ADD CONSTRAINT session_buffers CHECK"
        " (extract(epoch FROM starts_at) - extract(epoch FROM occupied_from) BETWEEN 0 AND 14400"
        " AND extract(epoch FROM occupied_until) - extract(epoch FROM ends_at)"
        " BETWEEN 0 AND 14400)",
    ),
    BUFFERED,
)


def _append_only(table: str) -> tuple[Guard, ...]:
    return (
        Guard(
            f"append_only_{table}",
            table,
            (
                f"CREATE TRIGGER append_only_{table} BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION anagen_refuse()",
            ),
        ),
        Guard(
            f"no_truncate_{table}",
            table,
            (
                f"CREATE TRIGGER no_truncate_{table} BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION anagen_refuse()",
            ),
        ),
    )


def _frozen(table: str, when: str, open_columns: tuple[str, ...]) -> tuple[Guard, ...]:
    condition, since = f" WHEN ({when})" if when else "", FROZEN_SINCE.get(table, FIRST)
    arguments = ", ".join(f"'{column}'" for column in open_columns)
    return (
        Guard(
            f"frozen_{table}",
            table,
            (
                f"CREATE TRIGGER frozen_{table} BEFORE UPDATE ON {table} FOR EACH ROW{condition}"
                f" EXECUTE FUNCTION anagen_refuse_rewrite({arguments})",
            ),
            since,
        ),
        Guard(
            f"kept_{table}",
            table,
            (
                f"CREATE TRIGGER kept_{table} BEFORE DELETE ON {table} FOR EACH ROW{condition}"
                " EXECUTE FUNCTION anagen_refuse()",
            ),
            since,
        ),
    )


def _frozen_line(table: str, parent: str, column: str) -> Guard:
    name = f"frozen_{table}"

    def approved(row: str) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {parent} p WHERE p.clinic_id = {row}.clinic_id"
            f" AND p.id = {row}.{column} AND p.state <> 'draft')"
        )

    function = f"""CREATE FUNCTION anagen_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND {approved("OLD")}) OR (TG_OP <> 'DELETE' AND {approved("NEW")}) THEN
    RAISE EXCEPTION '%', TG_NAME
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$"""
    trigger = (
        f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION anagen_{name}()"
    )
    return Guard(name, table, (function, trigger))


# What the guards are made of, created before them.
FOUNDATIONS = (
    "CREATE TYPE uuidrange AS RANGE (subtype = uuid)",
    _REFUSE,
    _REFUSE_REWRITE,
)

GUARDS: tuple[Guard, ...] = (
    _SESSION_LENGTH,
    _SESSION_BUFFERS,
    _OVERBOOKING_EXPLAINED,
    *(_no_overlap(resource, column) for resource, column in BOOKED),
    *(guard for table in APPEND_ONLY for guard in _append_only(table)),
    *(guard for table, (when, kept) in FROZEN.items() for guard in _frozen(table, when, kept)),
    *(_frozen_line(*line) for line in LINES),
    *guards_reservations.POSTGRESQL,
)
