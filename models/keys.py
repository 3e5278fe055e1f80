"""Constraints in few words. Each one contains the clinic, so no row reaches into another."""

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text


def belongs_to(column: str, table: str, *same: str) -> ForeignKeyConstraint:
    """`column` names a row of `table` in the same clinic.

    same: columns that must also agree between the two rows, such as the patient; `table` then
    needs `unique("id", *same)`. A null `column` points nowhere and is allowed.
    """
    return ForeignKeyConstraint(
        ["clinic_id", column, *same],
        [f"{table}.{name}" for name in ("clinic_id", "id", *same)],
    )


def unique(*columns: str) -> UniqueConstraint:
    """No two rows of one clinic share these columns."""
    return UniqueConstraint("clinic_id", *columns)


def indexed(*columns: str, name: str | None = None) -> Index:
    """Rows of one clinic are found and ordered by these columns without reading the others."""
    return Index(name, "clinic_id", *columns)


def indexed_where(
    condition: str, *columns: str, unique: bool = False, name: str | None = None
) -> Index:
    """As `indexed`, over the rows that meet the condition; `unique` among them if asked."""
    return Index(
        name,
        "clinic_id",
        *columns,
        unique=unique,
        postgresql_where=text(condition),
        sqlite_where=text(condition),
    )


def within(column: str, low: int, high: int) -> CheckConstraint:
    """low <= column <= high, or null where the column allows it."""
    return CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=f"{column}_range")


def ordered(earlier: str, later: str) -> CheckConstraint:
    """`later` is not before `earlier`; either may be null."""
    return CheckConstraint(f"{later} >= {earlier}", name=f"{later}_order")


def together(*columns: str, name: str) -> CheckConstraint:
    """All of these columns are filled in, or none."""
    first, *others = columns
    same = " AND ".join(f"({first} IS NULL) = ({other} IS NULL)" for other in others)
    return CheckConstraint(same, name=name)
