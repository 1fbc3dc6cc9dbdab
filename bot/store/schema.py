"""The tables. Constraints do the judging; whatever a person said, or where they are, is a sealed column.

Times are `timestamptz`. Ids are UUIDv7 of our own making (`bot/core/ids.py`), so that a sealed value can be bound
to its row before the insert. A `seq` column is the order of receipt or of writing.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


def _time(name: str, *, null: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=null)


receipt = Table(
    "receipt",
    metadata,
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("id_hmac", LargeBinary, nullable=False),
    Column("body_hmac", LargeBinary, nullable=False),
    _time("first_at", null=False),
    PrimaryKeyConstraint("channel", "account", "id_hmac", "body_hmac"),
    comment="What providers brought us, for ever and apart from the messages: judges duplicates.",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("raw_sealed", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False, comment="class of the error, never its text"),
    _time("received_at", null=False),
    comment="Bytes that could not be read as a message; kept for a human, answered 200.",
)

contact = Table(
    "contact",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address_hmac", LargeBinary, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False, comment="sealed to the contact's own key"),
    Column("key_wrapped", LargeBinary, comment="null = erased: nothing of this contact opens any more"),
    _time("created_at", null=False),
    _time("blocked_at"),
    UniqueConstraint("channel", "account", "address_hmac"),
    comment="One endpoint of one channel. Not a person (design §2.14).",
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contact_id", Uuid, ForeignKey("contact.id"), nullable=False, unique=True),
    Column("version", Integer, nullable=False, server_default=text("0")),
    Column("state_sealed", LargeBinary, comment="slots, loop, open question: a small Rasa tracker"),
    Column("language", Text),
    Column("view", Text, nullable=False, server_default=text("'open'")),
    Column("speaker", Text, nullable=False, server_default=text("'bot'")),
    Column("holder_id", Uuid, ForeignKey("operator.id", use_alter=True)),
    _time("live_until"),
    _time("window_until"),
    _time("last_inbound_at"),
    _time("created_at", null=False),
    CheckConstraint("view IN ('open', 'low_trace', 'hidden')", name="view"),
    CheckConstraint("speaker IN ('bot', 'operator')", name="speaker"),
    CheckConstraint("(speaker = 'operator') = (holder_id IS NOT NULL)", name="holder"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("raw_sealed", LargeBinary, comment="to the intake key until the turn, then null"),
    Column("body_sealed", LargeBinary, comment="to the contact's key, from the turn on"),
    Column("urgency", SmallInteger, nullable=False, server_default=text("0")),
    Column(
        "doubled",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="same provider id, other body",
    ),
    Column("late", Boolean, nullable=False, server_default=text("false")),
    Column("state", Text, nullable=False, server_default=text("'stored'")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("error", Text, comment="class of the last error, never its text"),
    _time("provider_at", null=False),
    _time("received_at", null=False),
    _time("handled_at"),
    CheckConstraint("state IN ('stored', 'handled', 'set_aside')", name="state"),
    Index("inbound_unhandled_idx", "conversation_id", "seq", postgresql_where=text("state = 'stored'")),
    Index("inbound_by_conversation_idx", "conversation_id", "seq"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("inbound_id", Uuid, ForeignKey("inbound.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("reference_sealed", LargeBinary, nullable=False),
    Column("bytes_sealed", LargeBinary),
    Column("state", Text, nullable=False, server_default=text("'not_fetched'")),
    CheckConstraint("state IN ('not_fetched', 'fetched', 'refused')", name="state"),
)

sent_numbers = Sequence("outbound_sent_no", metadata=metadata)

outbound = Table(
    "outbound",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("answers_id", Uuid, ForeignKey("inbound.id")),
    Column("kind", Text, nullable=False, server_default=text("'say'")),
    Column("class", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("operator_id", Uuid, ForeignKey("operator.id")),
    Column("client_id", Uuid, comment="made by the operator's screen, so that a doubled click is one message"),
    Column("keys", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="catalogue keys said"),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("error", Text, comment="catalogue key of the operator's sentence"),
    Column("refs_sealed", LargeBinary, comment="the provider's ids of what it took"),
    Column("maybe_twice", Boolean, nullable=False, server_default=text("false")),
    Column("sent_no", BigInteger, comment="rises with each row that is sent, whatever the clock does"),
    _time("not_before"),
    _time("not_after", null=False),
    _time("retry_at"),
    _time("created_at", null=False),
    _time("sending_at"),
    _time("sent_at"),
    CheckConstraint("kind IN ('say', 'delete', 'ack')", name="kind"),
    CheckConstraint("author IN ('bot', 'operator')", name="author"),
    CheckConstraint("(author = 'operator') = (operator_id IS NOT NULL)", name="operator"),
    CheckConstraint(
        "state IN ('queued', 'retry', 'sending', 'in_doubt', 'sent', 'delivered', 'expired', 'superseded',"
        " 'cancelled', 'draft', 'dead')",
        name="state",
    ),
    UniqueConstraint("operator_id", "client_id"),
    Index(
        "outbound_due_idx",
        "conversation_id",
        "seq",
        postgresql_where=text("state IN ('queued', 'retry', 'sending')"),
    ),
    Index("outbound_by_conversation_idx", "conversation_id", "seq"),
    Index("outbound_sent_idx", "conversation_id", "sent_no", postgresql_where=text("sent_no IS NOT NULL")),
)

case = Table(
    "case_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversation.id"), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("triggers", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("holder_id", Uuid, ForeignKey("operator.id")),
    Column("outcome", Text),
    _time("opened_at", null=False),
    _time("raised_at", null=False),
    _time("due_at", null=False),
    _time("claimed_at"),
    _time("closed_at"),
    CheckConstraint("level BETWEEN 0 AND 3", name="level"),
    CheckConstraint("state IN ('waiting', 'held', 'closed')", name="state"),
    CheckConstraint("(state = 'held') = (holder_id IS NOT NULL AND closed_at IS NULL)", name="holder"),
    Index("case_open_key", "conversation_id", unique=True, postgresql_where=text("state <> 'closed'")),
    Index("case_closed_idx", "conversation_id", "closed_at"),
)

case_event = Table(
    "case_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False, index=True),
    _time("at", null=False),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="opened, raised, claimed, released, closed, hidden, late, failed, …",
    ),
    Column("operator_id", Uuid, ForeignKey("operator.id")),
    Column("inbound_id", Uuid, ForeignKey("inbound.id")),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'"), comment="ids and enumerated words only"),
)

operator = Table(
    "operator",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="an alias"),
    Column("role", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("password_hash", Text),
    Column("totp_sealed", LargeBinary),
    Column("last_timecode", BigInteger, nullable=False, server_default=text("0")),
    Column("setup_hmac", LargeBinary),
    _time("setup_until"),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    _time("locked_until"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("on_shift", Boolean, nullable=False, server_default=text("false")),
    _time("seen_at"),
    _time("created_at", null=False),
    CheckConstraint("role IN ('operator', 'supervisor', 'admin')", name="role"),
)

operator_session = Table(
    "operator_session",
    metadata,
    Column("token_hmac", LargeBinary, primary_key=True),
    Column("operator_id", Uuid, ForeignKey("operator.id"), nullable=False, index=True),
    _time("created_at", null=False),
    _time("used_at", null=False),
)

page = Table(
    "page",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("operator_id", Uuid, ForeignKey("operator.id"), nullable=False),
    Column("target", Text, nullable=False, comment="console: the operator's live screen"),
    Column("state", Text, nullable=False, server_default=text("'made'")),
    _time("at", null=False),
    _time("seen_at"),
    CheckConstraint("state IN ('made', 'shown', 'acknowledged', 'failed')", name="state"),
    Index("page_open_idx", "operator_id", postgresql_where=text("state IN ('made', 'failed')")),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _time("at", null=False),
    Column("operator_id", Uuid),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="an id"),
    Column("before", LargeBinary, nullable=False, comment="hash of the row before"),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Index("audit_subject_idx", "subject"),
    comment="Insert only for the hotline's role; a hash chain.",
)

pulse = Table(
    "pulse",
    metadata,
    Column("role", Text, primary_key=True, comment="worker:<pid>@<host>"),
    _time("beat_at", null=False),
    _time("handled_at"),
    Column("offset_seconds", Double, comment="providers' time minus the machine's, where this role measured it"),
    comment="Signs of life of the roles: /readyz asks whether something was handled, not whether a process exists.",
)

bucket = Table(
    "bucket",
    metadata,
    Column("name", Text, primary_key=True, comment="what is limited, with a keyed hash where it is a person"),
    Column("tokens", Integer, nullable=False),
    _time("filled_at", null=False),
)
