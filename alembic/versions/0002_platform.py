"""The audit chain, the feed, idempotency, counters and webhooks.

Revision 0002, after 0001. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _audit_head()
    _audit_event()
    _event()
    _counter()
    _idempotency_record()
    _webhook_endpoint()
    _webhook_delivery()


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_hash", sa.String(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_audit_head_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_audit_head")),
    )


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "staff",
                "api_key",
                "system",
                "anonymous",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("client_ip", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("resource_version", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("changed_fields", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_audit_event_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_audit_event_id")),
    )
    op.create_index(
        op.f("ix_audit_event_actor_id_seq"),
        "audit_event",
        ["clinic_id", "actor_id", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_event_occurred_at"),
        "audit_event",
        ["clinic_id", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_event_patient_id_seq"),
        "audit_event",
        ["clinic_id", "patient_id", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_event_resource_id_seq"),
        "audit_event",
        ["clinic_id", "resource_id", "seq"],
        unique=False,
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("resource_version", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_event_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "seq", name=op.f("pk_event")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_event_id")),
    )
    op.create_index(
        op.f("ix_event_resource_id_seq"), "event", ["clinic_id", "resource_id", "seq"], unique=False
    )
    op.create_index(op.f("ix_event_type_seq"), "event", ["clinic_id", "type", "seq"], unique=False)


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("value BETWEEN 0 AND 2000000000", name=op.f("ck_counter_value_range")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_counter_clinic")),
        sa.PrimaryKeyConstraint("clinic_id", "name", name=op.f("pk_counter")),
    )


def _idempotency_record() -> None:
    op.create_table(
        "idempotency_record",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status BETWEEN 100 AND 599", name=op.f("ck_idempotency_record_status_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_idempotency_record_clinic")
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "caller_id", "key", name=op.f("pk_idempotency_record")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_record_created_at"),
        "idempotency_record",
        ["clinic_id", "created_at"],
        unique=False,
    )


def _webhook_endpoint() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("event_types", sa.Text(), nullable=False),
        sa.Column("signing_secret", sa.String(), nullable=False),
        sa.Column("previous_secret", sa.String(), nullable=True),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_webhook_endpoint_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_endpoint")),
    )


def _webhook_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "delivered",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "attempts BETWEEN 0 AND 1000", name=op.f("ck_webhook_delivery_attempts_range")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "endpoint_id"],
            ["webhook_endpoint.clinic_id", "webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_webhook_delivery_clinic")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "clinic_id",
            "endpoint_id",
            "event_seq",
            name=op.f("uq_webhook_delivery_endpoint_id_event_seq"),
        ),
    )
    op.create_index(
        op.f("ix_webhook_delivery_state_next_attempt_at"),
        "webhook_delivery",
        ["clinic_id", "state", "next_attempt_at"],
        unique=False,
    )
