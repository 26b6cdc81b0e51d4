"""The tables of the power quality app."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, Integer, LargeBinary, MetaData, String, Table

from hub.columns import Moment

metadata = MetaData()

# The values of a day, in rising order (`indices.Values`): means of ten minutes.
day = Table(
    "power_quality_day",
    metadata,
    Column("place", String(200), primary_key=True),
    Column("quantity", String(20), primary_key=True),
    Column("phase", String(3), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("nominal", Float, nullable=False),  # V between phases
    Column("values", LargeBinary, nullable=False),  # float64
)

# How far a day is read.
progress = Table(
    "power_quality_progress",
    metadata,
    Column("date", Date, primary_key=True),
    Column("after", String(200), nullable=False),  # the last place that was read
    Column("is_done", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),  # places whose nominal voltage nobody knows
    Column("guessed", Integer, nullable=False),  # places whose nominal voltage is a usual one
)

disturbance = Table(
    "power_quality_disturbance",
    metadata,
    Column("place", String(200), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("residual", Float),  # per cent of nominal
    Column("seconds", Float),  # null: not told, or it lasts
)

# Limits that are not kept now.
broken = Table(
    "power_quality_broken",
    metadata,
    Column("place", String(200), primary_key=True),
    Column("phase", String(3), primary_key=True),
    Column("limit", String(200), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("share", Float, nullable=False),
)

# Measurements as messages describe them; their values are in the historian.
measurement = Table(
    "power_quality_measurement",
    metadata,
    Column("called", String(200), primary_key=True),
    Column("said", JSON, nullable=False),  # `measurements.Described`
)
