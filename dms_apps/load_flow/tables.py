"""The tables of the load flow app."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, String, Table, Text

from dms_apps.solver import estimated
from hub.columns import Moment

metadata = MetaData()

# Limits that are violated now.
violation = Table(
    "load_flow_violation",
    metadata,
    Column("mrid", String(36), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("equipment", String(200), nullable=False),
    Column("terminal", String(200), nullable=False),
    Column("node", String(200), nullable=False),
    Column("phase", String(2), nullable=False),  # "": all together
    Column("quantity", String(2), nullable=False),  # V to earth | A | VA
    Column("direction", String(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("value", Float, nullable=False),
    Column("limit", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("duration", Float),
)

# The voltages that were told last, so that it is known what has moved; one row.
told = Table(
    "load_flow_told",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("layout", String(64), nullable=False),  # digest of its places
    Column("volts", LargeBinary, nullable=False),  # complex128 by place
    Column("whole_at", Moment, nullable=False),  # when all of them were told
)

load = estimated.table("load_flow", metadata)
