"""The tables of the state estimation app."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text

from dms_apps.solver import estimated
from hub.columns import Moment

metadata = MetaData()

# Sensors as messages describe them, with the latest value of each, in its own unit.
sensor = Table(
    "state_estimation_sensor",
    metadata,
    Column("mrid", String(200), primary_key=True),  # or name, where it has none
    Column("name", Text, nullable=False),
    Column("quantity", String(4), nullable=False),  # V | A | W | VAr | Pos | DPos
    Column("terminal", String(200), nullable=False),  # mRID or name; "": not said
    Column("equipment", String(200), nullable=False),
    Column("phases", String(8), nullable=False),
    Column("factor", Float, nullable=False),  # to V, A, W, var
    Column("error", Float),  # largest, as a share of the value
    Column("to_earth", Boolean, nullable=False),
    Column("value", Float),
    Column("at", Moment),
    Column("doubtful", Boolean, nullable=False),
    Column("invalid", Boolean, nullable=False),
)

# Measurements that were bad in the last estimate.
bad = Table(
    "state_estimation_bad",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("since", Moment, nullable=False),
)

load = estimated.table("state_estimation", metadata)

# When something was done last.
done = Table(
    "state_estimation_done",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("bellwethers_at", Moment),
)
