"""The tables of the load flow app."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from dms_apps.solver import estimated, lasting
from hub.columns import Moment

metadata = MetaData()

violation = lasting.table("load_flow_violation", metadata)

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
