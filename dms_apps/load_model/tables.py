"""The tables of the load model: profiles learned, and what counts of customers, days, weather."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, Integer, LargeBinary, MetaData, String, Table

from hub.columns import Moment

metadata = MetaData()

# What many days of customers have in common (`profiles.Moments`); arrays of float64 by slot.
profile = Table(
    "load_model_profile",
    metadata,
    Column("kind", String(60), primary_key=True),
    Column("season", String(60), primary_key=True),
    Column("day", String(60), primary_key=True),
    Column("count", LargeBinary, nullable=False),
    Column("mean", LargeBinary, nullable=False),
    Column("squares", LargeBinary, nullable=False),
    Column("days", Integer, nullable=False),
    Column("peaks", Float, nullable=False),
)

# Days from which profiles were learned, and what a customer of each class drew on it.
learned = Table(
    "load_model_learned",
    metadata,
    Column("date", Date, primary_key=True),
    Column("kind", String(60), primary_key=True),  # "": the day itself
    Column("customers", Integer, nullable=False),
    Column("watts", Float),
)

# The class of each usage point, by mRID or name, as agreements tell it.
customer = Table(
    "load_model_customer",
    metadata,
    Column("agreement", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Column("kind", String(60), nullable=False),
)

# What kind of day a day is, where it is not of its day of the week.
day = Table(
    "load_model_day",
    metadata,
    Column("date", Date, primary_key=True),
    Column("kind", String(60), nullable=False),
)

temperature = Table(
    "load_model_temperature",
    metadata,
    Column("station", String(200), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("celsius", Float, nullable=False),
    Column("foreseen", Integer, nullable=False),  # 1: by a forecast
)

# Sensors of flows as messages describe them; their values are in the network.
sensor = Table(
    "load_model_sensor",
    metadata,
    Column("mrid", String(200), primary_key=True),  # or its name
    Column("said", JSON, nullable=False),  # `solver.sensors.Sensor`
)

# Energy of usage points on the last day that nearly all of it was told for.
recent = Table(
    "load_model_recent",
    metadata,
    Column("point", String(200), primary_key=True),
    Column("energy", Float, nullable=False),  # Wh
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
)
