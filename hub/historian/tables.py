"""The tables of the historian; all in them follows from the journal.

`historian_sample` holds the newest value of each series and time, `historian_earlier` what it has
replaced.  On PostgreSQL the former is partitioned by month, see `hub.historian.partitions`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from cim.times import zoned
from hub.columns import Moment, Sequence, metadata

READING, MEASUREMENT = "reading", "measurement"
KINDS = (READING, MEASUREMENT)
"""Kinds of series: of nouns MeterReadings and MeasurementValues."""

NOUNS = {READING: "MeterReadings", MEASUREMENT: "MeasurementValues"}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC; a moment without zone is UTC."""
    return (zoned(moment) - EPOCH) // MICROSECOND


def moment_of(value: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return EPOCH + value * MICROSECOND


class Instant(TypeDecorator[datetime]):
    """A UTC instant: on SQLite microseconds since 1970, a third of the bytes of a text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(Integer() if sqlite else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "sqlite":
            return None if value is None else moment_of(value)
        moment: datetime = value.astimezone(UTC)
        return moment


series = Table(
    "historian_series",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("kind", String(20), nullable=False),  # reading | measurement
    Column(
        "key", Text, nullable=False
    ),  # JSON: what makes it this series, see `hub.historian.blocks`
    Column("object", String(200), nullable=False),  # the meter or measurement, mRID or name, or ""
    Column("place", String(200), nullable=False),  # usage point, equipment or terminal, or ""
    Column("quantity", String(200), nullable=False),  # reading type or measurement type, or ""
    Column("unit", String(60), nullable=False),  # or ""
    Column("interval", Integer),  # seconds that a value is for, up to its time; null: an instant
    UniqueConstraint("kind", "key"),
)

name = Table(
    "historian_name",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("series", Sequence, ForeignKey("historian_series.id"), primary_key=True),
    comment="every mRID and name by which a series is asked for",
    sqlite_with_rowid=False,
)

sample = Table(
    "historian_sample",
    metadata,
    Column("series", Sequence, primary_key=True, autoincrement=False),
    Column("at", Instant, primary_key=True),  # of an interval its end
    Column("start", Instant),  # of its period, where the value says one
    Column("value", Float(53)),  # null: none was given, or one that is no number
    Column("quality", Text),  # codes, or words of IEC 61850; null: nothing was said
    Column("known", Instant, nullable=False),  # when the hub came to know it
    Column("revision", SmallInteger, nullable=False),  # how many it has replaced
    comment="the newest value of each series and time",
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (at)",
)

earlier = Table(
    "historian_earlier",
    metadata,
    Column("series", Sequence, primary_key=True, autoincrement=False),
    Column("at", Instant, primary_key=True),
    Column("revision", SmallInteger, primary_key=True, autoincrement=False),
    Column("start", Instant),
    Column("value", Float(53)),
    Column("quality", Text),
    Column("known", Instant, nullable=False),
    Column("replaced", Instant, nullable=False),  # when the next one became known
    comment="values that were replaced",
    sqlite_with_rowid=False,
)

left_out = Table(
    "historian_left_out",
    metadata,
    Column("message_id", String(200), primary_key=True),
    Column("rule", String(400), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("known", Moment, nullable=False),
    Index("historian_left_out_known", "known"),
    comment="values that no series can hold, and why; the journal has them",
    sqlite_with_rowid=False,
)
