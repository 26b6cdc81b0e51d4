"""The tables of the history; everything in them follows from the journal and could be made again.

What is large lies in `piece`, cut up and compressed: a transaction that adds a few pieces keeps no
other writer waiting, and what two snapshots have in common is there once.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from hub.columns import Moment, Sequence, metadata

piece = Table(
    "piece",
    metadata,
    Column("digest", String(32), primary_key=True),  # BLAKE2b of the bytes as they were
    Column("content", LargeBinary, nullable=False),  # compressed with zlib
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),  # accepted_at of that message
    Column("format", Integer, nullable=False),  # of the software that wrote it
    Column("pieces", JSON, nullable=False),  # digests, in order
    comment="the network after every message up to `seq`",
)

model_version = Table(
    "model_version",
    metadata,
    Column("seq", Sequence, ForeignKey("message.seq"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),  # in that message, from 1
    Column("mrid", String(200), nullable=False),
    Column("key", String(200), nullable=False),  # of the mRID, in whatever spelling
    Column("until", Sequence, ForeignKey("message.seq")),  # replaced or deleted by; null: in force
    Column("header", JSON, nullable=False),  # IEC 61970-552
    Column("statements", Integer, nullable=False),
    Column("pieces", JSON(none_as_null=True)),  # null: made again from the journal when asked for
    Index("model_version_key", "key", "seq"),
    Index("model_version_until", "until"),
    comment="a model while it was in force, from its message to the one that replaced it",
)
