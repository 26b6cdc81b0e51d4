"""People, systems, sessions and the audit chain."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Text

from hub.columns import Moment, Sequence, metadata

audit = Table(
    "audit",
    metadata,
    Column("number", Sequence, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("detail", Text, nullable=False),  # canonical JSON
    Column("previous", String(64), nullable=False),  # hash of the row before
    Column("hash", String(64), nullable=False),
    comment="append-only; each row's hash covers the row before",
)

person = Table(
    "person",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("password", String(300), nullable=False),  # argon2id
    Column("roles", JSON, nullable=False),
    Column("must_change", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Column("created_at", Moment, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie's token
    Column("person", String(100), ForeignKey("person.name"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

system = Table(
    "system",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("token", String(64), unique=True),  # SHA-256 of the API token
    Column("certificate", String(400), unique=True),  # subject of its client certificate, RFC 4514
    Column("sources", JSON, nullable=False),  # Header.Source values it may use; empty: its name
    Column("nouns", JSON, nullable=False),  # empty: all
    Column("roles", JSON, nullable=False),  # what it may read and do over REST
    Column("created_at", Moment, nullable=False),
)
