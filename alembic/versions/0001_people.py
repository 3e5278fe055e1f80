"""Clinics, their people, their places and their calendars.

Revision 0001, the first. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _clinic()
    _account()
    _sign_in_attempt()
    _staff_member()
    _sign_in()
    _access_token()
    _refresh_token()
    _api_key()
    _room()
    _opening_hours()
    _closure()
    _working_hours()
    _time_off()


def _clinic() -> None:
    op.create_table(
        "clinic",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("emergency_phone", sa.String(), nullable=True),
        sa.Column("emergency_kit_checked_on", sa.Date(), nullable=True),
        sa.Column("adrenaline_expires_on", sa.Date(), nullable=True),
        sa.Column("medical_director_confirmed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_account_email_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )


def _sign_in_attempt() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "failures BETWEEN 0 AND 1000000000", name=op.f("ck_sign_in_attempt_failures_range")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_sign_in_attempt")),
    )


def _staff_member() -> None:
    op.create_table(
        "staff_member",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("bookable", sa.Boolean(), nullable=False),
        sa.Column("profession", sa.String(), nullable=True),
        sa.Column("licence_number", sa.String(), nullable=True),
        sa.Column("licence_authority", sa.String(), nullable=True),
        sa.Column("qualifications", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_staff_member_account_id")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_staff_member_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_member")),
        sa.UniqueConstraint("clinic_id", "account_id", name=op.f("uq_staff_member_account_id")),
    )


def _sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_ip", sa.String(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_member_id"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_sign_in_staff_member_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_sign_in_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sign_in")),
    )
    op.create_index(
        op.f("ix_sign_in_staff_member_id"),
        "sign_in",
        ["clinic_id", "staff_member_id"],
        unique=False,
    )


def _access_token() -> None:
    op.create_table(
        "access_token",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sign_in_id"],
            ["sign_in.clinic_id", "sign_in.id"],
            name=op.f("fk_access_token_sign_in_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_access_token_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(
        op.f("ix_access_token_expires_at"),
        "access_token",
        ["clinic_id", "expires_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_access_token_sign_in_id"),
        "access_token",
        ["clinic_id", "sign_in_id"],
        unique=False,
    )


def _refresh_token() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sign_in_id"],
            ["sign_in.clinic_id", "sign_in.id"],
            name=op.f("fk_refresh_token_sign_in_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_refresh_token_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(
        op.f("ix_refresh_token_expires_at"),
        "refresh_token",
        ["clinic_id", "expires_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refresh_token_sign_in_id"),
        "refresh_token",
        ["clinic_id", "sign_in_id"],
        unique=False,
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("allowed_networks", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "created_by"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_api_key_created_by"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_api_key_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("clinic_id", "token_hash", name=op.f("uq_api_key_token_hash")),
    )


def _room() -> None:
    op.create_table(
        "room",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_room_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_room")),
        sa.UniqueConstraint("clinic_id", "name", name=op.f("uq_room_name")),
    )


def _opening_hours() -> None:
    op.create_table(
        "opening_hours",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "closes_minute > opens_minute", name=op.f("ck_opening_hours_closes_after_opening")
        ),
        sa.CheckConstraint(
            "closes_minute BETWEEN 1 AND 1440", name=op.f("ck_opening_hours_closes_minute_range")
        ),
        sa.CheckConstraint(
            "opens_minute BETWEEN 0 AND 1439", name=op.f("ck_opening_hours_opens_minute_range")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_opening_hours_valid_to_order")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_opening_hours_weekday_range")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_opening_hours_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_opening_hours")),
    )
    op.create_index(
        op.f("ix_opening_hours_weekday"), "opening_hours", ["clinic_id", "weekday"], unique=False
    )


def _closure() -> None:
    op.create_table(
        "closure",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_public_holiday", sa.Boolean(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_closure_ends_on_order")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"], ["room.clinic_id", "room.id"], name=op.f("fk_closure_room_id")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_closure_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_ends_on"), "closure", ["clinic_id", "ends_on"], unique=False)


def _working_hours() -> None:
    op.create_table(
        "working_hours",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "closes_minute > opens_minute", name=op.f("ck_working_hours_closes_after_opening")
        ),
        sa.CheckConstraint(
            "closes_minute BETWEEN 1 AND 1440", name=op.f("ck_working_hours_closes_minute_range")
        ),
        sa.CheckConstraint(
            "opens_minute BETWEEN 0 AND 1439", name=op.f("ck_working_hours_opens_minute_range")
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_working_hours_valid_to_order")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_working_hours_weekday_range")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_working_hours_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_member_id"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_working_hours_staff_member_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_working_hours_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_working_hours")),
    )
    op.create_index(
        op.f("ix_working_hours_staff_member_id_weekday"),
        "working_hours",
        ["clinic_id", "staff_member_id", "weekday"],
        unique=False,
    )


def _time_off() -> None:
    op.create_table(
        "time_off",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_member_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_time_off_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_member_id"],
            ["staff_member.clinic_id", "staff_member.id"],
            name=op.f("fk_time_off_staff_member_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_time_off_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_time_off")),
    )
    op.create_index(
        op.f("ix_time_off_staff_member_id_ends_at"),
        "time_off",
        ["clinic_id", "staff_member_id", "ends_at"],
        unique=False,
    )
