"""Who has a session and would come earlier; which offers the feed told of when they opened.

Revision 0025, after 0024. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_UNTOLD = "answer = 'none' AND told_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("waitlist_entry", copy_from=_entry_of_0023()) as entry:
        entry.add_column(sa.Column("session_id", sa.Uuid(), nullable=True))
        entry.create_foreign_key(
            op.f("fk_waitlist_entry_session_id_patient_id"),
            "treatment_session",
            ["clinic_id", "session_id", "patient_id"],
            ["clinic_id", "id", "patient_id"],
        )
    op.add_column("waitlist_offer", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_waitlist_offer_opens_at"),
        "waitlist_offer",
        ["clinic_id", "opens_at"],
        postgresql_where=sa.text(_UNTOLD),
        sqlite_where=sa.text(_UNTOLD),
    )


def _entry_of_0023() -> sa.Table:
    """As it is, for SQLite, which makes the table again: it reads no CHECK back."""
    waiting = sa.text("state = 'waiting'")
    state = sa.Enum(
        "waiting", "booked", "withdrawn",
        name=op.f("ck_waitlist_entry_state"), native_enum=False, create_constraint=True, length=24,
    )  # fmt: skip
    return sa.Table(
        "waitlist_entry",
        sa.MetaData(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_ids", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("earliest_time", sa.String(), nullable=True),
        sa.Column("latest_time", sa.String(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("state", state, nullable=False),
        sa.Column("booked_session_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "duration_minutes BETWEEN 5 AND 480", name="ck_waitlist_entry_duration_minutes_range"
        ),
        sa.CheckConstraint("earliest_time < latest_time", name="ck_waitlist_entry_time_order"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_waitlist_entry_clinic"),
        _belongs("plan_id", "treatment_plan", "patient_id"),
        _belongs("booked_session_id", "treatment_session"),
        sa.PrimaryKeyConstraint("clinic_id", "id", name="pk_waitlist_entry"),
        sa.UniqueConstraint("clinic_id", "id", "patient_id", name="uq_waitlist_entry_id_patient_id"),
        sa.Index("ix_waitlist_entry_state_recorded_at_id", "clinic_id", "state", "recorded_at", "id"),
        sa.Index("ix_waitlist_entry_patient_id", "clinic_id", "patient_id"),
        sa.Index(
            "ix_waitlist_entry_plan_id", "clinic_id", "plan_id",
            unique=True, postgresql_where=waiting, sqlite_where=waiting,
        ),
    )  # fmt: skip


def _belongs(column: str, parent: str, *same: str) -> sa.ForeignKeyConstraint:
    columns = [column, *same]
    return sa.ForeignKeyConstraint(
        ["clinic_id", *columns],
        [f"{parent}.{name}" for name in ("clinic_id", "id", *same)],
        name=f"fk_waitlist_entry_{'_'.join(columns)}",
    )
