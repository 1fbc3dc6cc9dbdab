"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("outbound_sent_no")))
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="an id"),
        sa.Column("before", sa.LargeBinary(), nullable=False, comment="hash of the row before"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
        sa.UniqueConstraint("hash", name=op.f("audit_hash_key")),
        comment="Insert only for the hotline's role; a hash chain.",
    )
    op.create_index("audit_subject_idx", "audit", ["subject"], unique=False)
    op.create_table(
        "bucket",
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="what is limited, with a keyed hash where it is a person",
        ),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("bucket_pkey")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("address_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False, comment="sealed to the contact's own key"),
        sa.Column(
            "key_wrapped",
            sa.LargeBinary(),
            nullable=True,
            comment="null = erased: nothing of this contact opens any more",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pkey")),
        sa.UniqueConstraint(
            "channel", "account", "address_hmac", name=op.f("contact_channel_account_address_hmac_key")
        ),
        comment="One endpoint of one channel. Not a person (design §2.14).",
    )
    op.create_table(
        "operator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="an alias"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("last_timecode", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("setup_hmac", sa.LargeBinary(), nullable=True),
        sa.Column("setup_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("on_shift", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('operator', 'supervisor', 'admin')", name=op.f("operator_role_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("operator_pkey")),
        sa.UniqueConstraint("name", name=op.f("operator_name_key")),
    )
    op.create_table(
        "pulse",
        sa.Column("role", sa.Text(), nullable=False, comment="worker:<pid>@<host>"),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "offset_seconds",
            sa.Double(),
            nullable=True,
            comment="providers' time minus the machine's, where this role measured it",
        ),
        sa.PrimaryKeyConstraint("role", name=op.f("pulse_pkey")),
        comment="Signs of life of the roles: /readyz asks whether something was handled, not whether a process exists.",
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="class of the error, never its text"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("quarantine_pkey")),
        comment="Bytes that could not be read as a message; kept for a human, answered 200.",
    )
    op.create_table(
        "receipt",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("body_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "id_hmac", "body_hmac", name=op.f("receipt_pkey")),
        comment="What providers brought us, for ever and apart from the messages: judges duplicates.",
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "state_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="slots, loop, open question: a small Rasa tracker",
        ),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("view", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("speaker", sa.Text(), server_default=sa.text("'bot'"), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("live_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(speaker = 'operator') = (holder_id IS NOT NULL)", name=op.f("conversation_holder_check")),
        sa.CheckConstraint("speaker IN ('bot', 'operator')", name=op.f("conversation_speaker_check")),
        sa.CheckConstraint("view IN ('open', 'low_trace', 'hidden')", name=op.f("conversation_view_check")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("conversation_contact_id_fkey")),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["operator.id"], name=op.f("conversation_holder_id_fkey"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("conversation_pkey")),
        sa.UniqueConstraint("contact_id", name=op.f("conversation_contact_id_key")),
    )
    op.create_table(
        "operator_session",
        sa.Column("token_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("operator_session_operator_id_fkey")),
        sa.PrimaryKeyConstraint("token_hmac", name=op.f("operator_session_pkey")),
    )
    op.create_index(op.f("operator_session_operator_id_idx"), "operator_session", ["operator_id"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("triggers", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'held') = (holder_id IS NOT NULL AND closed_at IS NULL)",
            name=op.f("case_file_holder_check"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'held', 'closed')", name=op.f("case_file_state_check")),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name=op.f("case_file_level_check")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("case_file_conversation_id_fkey")),
        sa.ForeignKeyConstraint(["holder_id"], ["operator.id"], name=op.f("case_file_holder_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_file_pkey")),
    )
    op.create_index("case_closed_idx", "case_file", ["conversation_id", "closed_at"], unique=False)
    op.create_index(
        "case_open_key",
        "case_file",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "raw_sealed",
            sa.LargeBinary(),
            nullable=True,
            comment="to the intake key until the turn, then null",
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True, comment="to the contact's key, from the turn on"),
        sa.Column("urgency", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "doubled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="same provider id, other body",
        ),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'stored'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True, comment="class of the last error, never its text"),
        sa.Column("provider_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('stored', 'handled', 'set_aside')", name=op.f("inbound_state_check")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("inbound_conversation_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbound_pkey")),
        sa.UniqueConstraint("seq", name=op.f("inbound_seq_key")),
    )
    op.create_index("inbound_by_conversation_idx", "inbound", ["conversation_id", "seq"], unique=False)
    op.create_index(
        "inbound_unhandled_idx",
        "inbound",
        ["conversation_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'stored'"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inbound_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("bytes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'not_fetched'"), nullable=False),
        sa.CheckConstraint("state IN ('not_fetched', 'fetched', 'refused')", name=op.f("attachment_state_check")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("attachment_inbound_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pkey")),
    )
    op.create_index(op.f("attachment_inbound_id_idx"), "attachment", ["inbound_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="opened, raised, claimed, released, closed, hidden, late, failed, …",
        ),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("inbound_id", sa.Uuid(), nullable=True),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="ids and enumerated words only",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("case_event_case_id_fkey")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("case_event_inbound_id_fkey")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("case_event_operator_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_event_pkey")),
    )
    op.create_index(op.f("case_event_case_id_idx"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "outbound",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), server_default=sa.text("'say'"), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column(
            "client_id",
            sa.Uuid(),
            nullable=True,
            comment="made by the operator's screen, so that a doubled click is one message",
        ),
        sa.Column(
            "keys",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="catalogue keys said",
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True, comment="catalogue key of the operator's sentence"),
        sa.Column("refs_sealed", sa.LargeBinary(), nullable=True, comment="the provider's ids of what it took"),
        sa.Column("maybe_twice", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "sent_no",
            sa.BigInteger(),
            nullable=True,
            comment="rises with each row that is sent, whatever the clock does",
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(author = 'operator') = (operator_id IS NOT NULL)", name=op.f("outbound_operator_check")),
        sa.CheckConstraint("author IN ('bot', 'operator')", name=op.f("outbound_author_check")),
        sa.CheckConstraint("kind IN ('say', 'delete', 'ack')", name=op.f("outbound_kind_check")),
        sa.CheckConstraint(
            "state IN ('queued', 'retry', 'sending', 'in_doubt', 'sent', 'delivered', 'expired', 'superseded',"
            " 'cancelled', 'draft', 'dead')",
            name=op.f("outbound_state_check"),
        ),
        sa.ForeignKeyConstraint(["answers_id"], ["inbound.id"], name=op.f("outbound_answers_id_fkey")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("outbound_conversation_id_fkey")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("outbound_operator_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("outbound_pkey")),
        sa.UniqueConstraint("operator_id", "client_id", name=op.f("outbound_operator_id_client_id_key")),
        sa.UniqueConstraint("seq", name=op.f("outbound_seq_key")),
    )
    op.create_index(
        "outbound_sent_idx",
        "outbound",
        ["conversation_id", "sent_no"],
        unique=False,
        postgresql_where=sa.text("sent_no IS NOT NULL"),
    )
    op.create_index("outbound_by_conversation_idx", "outbound", ["conversation_id", "seq"], unique=False)
    op.create_index(
        "outbound_due_idx",
        "outbound",
        ["conversation_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'retry', 'sending')"),
    )
    op.create_table(
        "page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False, comment="console: the operator's live screen"),
        sa.Column("state", sa.Text(), server_default=sa.text("'made'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('made', 'shown', 'acknowledged', 'failed')", name=op.f("page_state_check")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("page_case_id_fkey")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("page_operator_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("page_pkey")),
    )
    op.create_index(op.f("page_case_id_idx"), "page", ["case_id"], unique=False)
    op.create_index(
        "page_open_idx",
        "page",
        ["operator_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('made', 'failed')"),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("page_open_idx", table_name="page", postgresql_where=sa.text("state IN ('made', 'failed')"))
    op.drop_index(op.f("page_case_id_idx"), table_name="page")
    op.drop_table("page")
    op.drop_index(
        "outbound_due_idx",
        table_name="outbound",
        postgresql_where=sa.text("state IN ('queued', 'retry', 'sending')"),
    )
    op.drop_index("outbound_by_conversation_idx", table_name="outbound")
    op.drop_table("outbound")
    op.drop_index(op.f("case_event_case_id_idx"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_index(op.f("attachment_inbound_id_idx"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("inbound_unhandled_idx", table_name="inbound", postgresql_where=sa.text("state = 'stored'"))
    op.drop_index("inbound_by_conversation_idx", table_name="inbound")
    op.drop_table("inbound")
    op.drop_index("case_open_key", table_name="case_file", postgresql_where=sa.text("state <> 'closed'"))
    op.drop_index("case_closed_idx", table_name="case_file")
    op.drop_table("case_file")
    op.drop_index(op.f("operator_session_operator_id_idx"), table_name="operator_session")
    op.drop_table("operator_session")
    op.drop_table("conversation")
    op.drop_table("receipt")
    op.drop_table("quarantine")
    op.drop_table("pulse")
    op.drop_table("operator")
    op.drop_table("contact")
    op.drop_table("bucket")
    op.drop_table("audit")
