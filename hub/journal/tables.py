"""The tables of the journal; the same on SQLite and PostgreSQL.

`message` is the journal proper: append-only, in one total order (`seq`), without gaps.  `delivery`
holds, for each message and subscriber, the one state it is in; a row is at once the outbox entry
(until the end receipt) and the inbox mark (from then on).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)

from cim.message import STUDY
from hub.columns import Moment, Packed, Sequence, metadata

ACCEPTED, DELIVERED, DEAD = "accepted", "delivered", "dead"
OPEN, CORRECTED, RESENT, REJECTED = "open", "corrected", "resent", "rejected"

message = Table(
    "message",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("message_id", String(200), nullable=False, unique=True),
    Column("source", String(200), nullable=False),
    Column("external_id", String(400)),
    Column("kind", String(20), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("noun", String(100), nullable=False),
    Column("context", String(40)),
    Column("correlation_id", String(200)),
    Column("ordering_key", String(200), nullable=False),
    Column("timestamp", Moment, nullable=False),  # Header.Timestamp
    Column("accepted_at", Moment, nullable=False),
    Column("channel", String(60), nullable=False),  # by which it came, or the app that said it
    Column("principal", String(200), nullable=False),  # the authenticated sender
    Column("cause", Sequence, ForeignKey("message.seq")),  # the message this one follows from
    Column("received", Packed),  # the bytes as they came; null when they equal `body`
    Column("body", LargeBinary, nullable=False),  # ed.1 envelope, see `hub.journal.canonical`
    UniqueConstraint("source", "external_id"),
    Index("message_correlation", "correlation_id"),
    Index("message_noun", "noun", "seq"),
    Index("message_source", "source", "seq"),
    Index("message_cause", "cause"),
)

fact = Table(
    "fact",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("external_id", String(400), primary_key=True),
    Column("seq", Sequence, ForeignKey("message.seq"), nullable=False),
    comment="what a message brought that has several facts",
    sqlite_with_rowid=False,
)

mention = Table(
    "mention",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True),
    comment="which message speaks of which object",
    sqlite_with_rowid=False,
)

delivery = Table(
    "delivery",
    metadata,
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True),
    Column("subscriber", String(100), primary_key=True),
    Column("lane", Integer, nullable=False),
    Column("ordering_key", String(200), nullable=False),
    Column("state", String(10), nullable=False),  # accepted | delivered | dead
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),  # not before; null: at once
    Column("published_at", Moment),  # handed to a broker, not yet received at the end
    Column("ended_at", Moment),  # delivered or dead
    Column("error", Text),  # of the last attempt
    sqlite_with_rowid=False,
)


correction = Table(
    "correction",
    metadata,
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True),
    Column("tolerance", String(40), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("notes", JSON, nullable=False),  # xpath, line, before, after of the first of them
    comment="what was corrected in a message before it was read",
    sqlite_with_rowid=False,
)

correction_total = Table(
    "correction_total",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("tolerance", String(40), primary_key=True),
    Column("messages", Sequence, nullable=False),
    Column("times", Sequence, nullable=False),
    comment="how often each tolerance was needed by each source",
    sqlite_with_rowid=False,
)


is_real = func.upper(func.coalesce(message.c.context, "")) != STUDY
"""Of a message: that it is none of a study, where things are supposed."""


def _in_state(state: str) -> ColumnElement[bool]:
    # A literal, not a bound value: only then do the planners see that a partial index applies.
    return delivery.c.state == literal_column(f"'{state}'")


is_accepted = _in_state(ACCEPTED)
is_dead = _in_state(DEAD)


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


# Partial: what has ended leaves the index, so that work costs what is open, not what ever was.
_partial("delivery_open", delivery.c.subscriber, delivery.c.lane, delivery.c.seq, where=is_accepted)
_partial(
    "delivery_key",
    delivery.c.subscriber,
    delivery.c.ordering_key,
    delivery.c.seq,
    where=is_accepted,
)
_partial(
    "delivery_waiting",
    delivery.c.subscriber,
    delivery.c.due_at,
    where=is_accepted & delivery.c.due_at.is_not(None),
)
_partial(
    "delivery_unpublished",
    delivery.c.subscriber,
    delivery.c.seq,
    where=is_accepted & delivery.c.published_at.is_(None),
)
_partial("delivery_dead", delivery.c.seq, where=is_dead)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("channel", String(60), nullable=False),
    Column("principal", String(200), nullable=False),
    Column("origin", Text, nullable=False),  # file and line, queue, address
    Column("reason", Text, nullable=False),  # a sentence
    Column("violations", JSON, nullable=False),
    Column("received", Packed, nullable=False),
    Column("digest", String(64), nullable=False),  # `hub.journal.refused.identity`
    Column("state", String(10), nullable=False),  # open | corrected | resent | rejected
    Column("times", Integer),  # that it came since it is open
    Column("last_at", Moment),
    Column("last_origin", Text),
    UniqueConstraint("channel", "digest"),
    comment="what came in and was not accepted, with its bytes and its reason",
)

attempt = Table(
    "attempt",
    metadata,
    Column("item", Sequence, ForeignKey("quarantine.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(10), nullable=False),  # correct | resend | reject
    Column("remark", Text, nullable=False),  # what the actor said about it
    Column("reason", Text),  # why it was refused again; null when it was not
    Column("violations", JSON, nullable=False),
    Column("received", Packed),  # the corrected bytes; null for those of the item
    comment="what people did about an item in quarantine",
)

attempt_message = Table(
    "attempt_message",
    metadata,
    Column("item", Sequence, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True),
    ForeignKeyConstraint(["item", "number"], ["attempt.item", "attempt.number"]),
    Index("attempt_message_seq", "seq"),
    comment="which messages came of an attempt, or were there already",
)

reply_address = Table(
    "reply_address",
    metadata,
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True, autoincrement=False),
    Column("subscriber", String(100), nullable=False),  # by which outlet answers go
    Column("address", Text, nullable=False),
    Column("format", String(10)),  # how their payloads are written; null: as is usual there
    Column("compressed", Integer, nullable=False),
    Column("edition", Integer),  # of IEC 61968-100, of their envelopes; null: the first
    comment="where answers to a message go that nobody waits for on the same connection",
)

callback = Table(
    "callback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("system", String(200), nullable=False),
    Column("url", Text, nullable=False),
    Column("topics", JSON, nullable=False),  # e.g. "created.UnplannedOutages"
    Column("format", String(10), nullable=False),  # how payloads are written
    Column("created_at", Moment, nullable=False),
    Column(
        "edition", Integer
    ),  # of IEC 61968-100; null: as the partner there is set, else the first
    comment="subscriptions made at run time, delivered by SOAP callback",
)

nonce = Table(
    "nonce",
    metadata,
    Column("principal", String(200), primary_key=True),
    Column("nonce", String(200), primary_key=True),
    Column("message_id", String(200), nullable=False),  # of the message that brought it
    Column("until", Moment, nullable=False, index=True),  # later it is too old anyway
    comment="of ReplayDetection, remembered while it could be used again",
)

feed_file = Table(
    "feed_file",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("key", String(64), primary_key=True),  # of name, time and content
    Column("number", Sequence, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("records", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("refused", Text),  # why it is unusable as a whole
    Column("ignored", Text),  # why it was passed over
    comment="what became of the files of other systems",
    sqlite_with_rowid=False,
)

source_clock = Table(
    "source_clock",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("lags", JSON, nullable=False),  # of its latest facts, in seconds
    Column("why", Text),  # its clock cannot be right; null: it may be
    Column("since", Moment),  # when that became known
    comment="how long the latest facts of each source took",
)

handed_over = Table(
    "handed_over",
    metadata,
    Column("system", String(100), primary_key=True),
    Column("identity", String(400), primary_key=True),  # of a native request, and its way
    Column("mark", String(10), nullable=False),  # `hub.handover.Mark`
    Column("at", Moment, nullable=False),
    Column("said", Text, nullable=False, server_default=""),  # what its adapter wants to know of it
    comment="what was begun or sent to systems, so that no control comes twice",
    sqlite_with_rowid=False,
)

caught_up = Table(
    "caught_up",
    metadata,
    Column("subscriber", String(100), primary_key=True),
    Column("done", Sequence, nullable=False),
    Column("upto", Sequence, nullable=False),  # from here on messages come in the usual way
    Column("at", Moment, nullable=False),  # when it was new
    comment="how far new apps have been told what came before them",
)

wake = Table(
    "wake",
    metadata,
    Column("subscriber", String(100), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column(
        "cause", Sequence, ForeignKey("message.seq")
    ),  # while it was handled, this was asked for
)
