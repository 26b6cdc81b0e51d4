"""The journal, people, systems and the audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _message()
    _mention()
    _delivery()
    _quarantine()
    _wake()
    _audit()
    _person()
    _session()
    _system()


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=400), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("noun", sa.String(length=100), nullable=False),
        sa.Column("context", sa.String(length=40), nullable=True),
        sa.Column("correlation_id", sa.String(length=200), nullable=True),
        sa.Column("ordering_key", sa.String(length=200), nullable=False),
        sa.Column("timestamp", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("cause", NUMBER, nullable=True),
        sa.Column("received", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["cause"], ["message.seq"], name=op.f("message_cause_fkey")),
        sa.PrimaryKeyConstraint("seq", name=op.f("message_pkey")),
        sa.UniqueConstraint("message_id", name=op.f("message_message_id_key")),
        sa.UniqueConstraint("source", "external_id", name=op.f("message_source_external_id_key")),
    )
    op.create_index("message_cause", "message", ["cause"])
    op.create_index("message_correlation", "message", ["correlation_id"])
    op.create_index("message_noun", "message", ["noun", "seq"])
    op.create_index("message_source", "message", ["source", "seq"])


def _mention() -> None:
    op.create_table(
        "mention",
        sa.Column("mrid", sa.String(length=200), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("mention_seq_fkey")),
        sa.PrimaryKeyConstraint("mrid", "seq", name=op.f("mention_pkey")),
        comment="which message speaks of which object",
        sqlite_with_rowid=False,
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("ordering_key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("delivery_seq_fkey")),
        sa.PrimaryKeyConstraint("seq", "subscriber", name=op.f("delivery_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "delivery_dead",
        "delivery",
        ["seq"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "delivery_key",
        "delivery",
        ["subscriber", "ordering_key", "seq"],
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "delivery_open",
        "delivery",
        ["subscriber", "lane", "seq"],
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "delivery_unpublished",
        "delivery",
        ["subscriber", "seq"],
        sqlite_where=sa.text("state = 'accepted' AND published_at IS NULL"),
        postgresql_where=sa.text("state = 'accepted' AND published_at IS NULL"),
    )
    op.create_index(
        "delivery_waiting",
        "delivery",
        ["subscriber", "due_at"],
        sqlite_where=sa.text("state = 'accepted' AND due_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'accepted' AND due_at IS NOT NULL"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("violations", sa.JSON(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("quarantine_pkey")),
        sa.UniqueConstraint("channel", "digest", name=op.f("quarantine_channel_digest_key")),
        comment="what came in and was not accepted, with its bytes and its reason",
    )


def _wake() -> None:
    op.create_table(
        "wake",
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("cause", NUMBER),
        sa.ForeignKeyConstraint(["cause"], ["message.seq"], name=op.f("wake_cause_fkey")),
        sa.PrimaryKeyConstraint("subscriber", name=op.f("wake_pkey")),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_pkey")),
        comment="append-only; each row's hash covers the row before",
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password", sa.String(length=300), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("must_change", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("person_pkey")),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("session_person_fkey")),
        sa.PrimaryKeyConstraint("digest", name=op.f("session_pkey")),
    )


def _system() -> None:
    op.create_table(
        "system",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("certificate", sa.String(length=400), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("nouns", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("system_pkey")),
        sa.UniqueConstraint("certificate", name=op.f("system_certificate_key")),
        sa.UniqueConstraint("token", name=op.f("system_token_key")),
    )
