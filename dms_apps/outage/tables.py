"""The tables of the outage app: what was reported, and the outages made of it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from hub.columns import Moment

metadata = MetaData()

# What meters reported.  Rows are only added, and dropped once a newer report of power makes them
# meaningless: what is left does not depend on the order of arrival.
report = Table(
    "outage_report",
    metadata,
    Column("meter", String(200), primary_key=True),  # its name; "" when only the point is known
    Column("point", String(200), primary_key=True),  # usage point, mRID or name; "" when not given
    Column("kind", String(8), primary_key=True),  # dark | restored | alive
    Column("at", Moment, primary_key=True),  # by the clock of the meter
    Column("arrived_at", Moment, nullable=False),
    Index("outage_report_kind", "kind", "at"),
)

# What switches did.
switching = Table(
    "outage_switching",
    metadata,
    Column("device", String(200), primary_key=True),  # mRID or name
    Column("at", Moment, primary_key=True),
    Column("kind", String(8), primary_key=True),  # open | close
    Column("arrived_at", Moment, nullable=False),
)

outage = Table(
    "outage_outage",
    metadata,
    Column("mrid", String(36), primary_key=True),
    Column("state", String(24), nullable=False),  # an OutageStatusKind
    Column("device", String(200)),  # mRID; null: one service alone, or meters nobody knows
    Column("poles", String(3), nullable=False),  # A, B, C; "" for the whole device
    Column("opened_at", Moment),  # when the device was reported open
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("placed", Boolean, nullable=False),  # false: meters that are not in the network
    Column("served", Integer, nullable=False),  # customers below the device
    Column("affected", Integer, nullable=False),  # without power at most
    Column("dark", JSON, nullable=False),  # usage points that reported power lost
    Column("points", JSON, nullable=False),  # usage points without power now
    Column("concerned", JSON, nullable=False),  # usage points it was about when last assessed
    Column("comment", Text, nullable=False),
    Index("outage_outage_state", "state"),
)

# Usage points whose supply must not fail, as a model named them.
critical = Table(
    "outage_critical",
    metadata,
    Column("model", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
)
