"""The tables of the short-circuit app."""

from __future__ import annotations

from sqlalchemy import Column, Float, MetaData, String, Table

from dms_apps.solver import lasting
from hub.columns import Moment

metadata = MetaData()

# Fault levels by node and kind of fault, of the network as it was operated last.
level = Table(
    "short_circuit_level",
    metadata,
    Column("node", String(200), primary_key=True),
    Column("kind", String(16), primary_key=True),  # 3ph, 2ph-earth, 1ph-earth ...
    Column("highest", Float, nullable=False),  # A, bolted, of the phases that give most
    Column("x_r", Float),  # reactance over resistance of that; none: without resistance
    Column("lowest", Float, nullable=False),  # A, with impedance, of the phases that give least
    Column("at", Moment, nullable=False),
)

# What each protective device was last said to meet and to see.
device = Table(
    "short_circuit_device",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("highest", Float, nullable=False),  # A through it
    Column("lowest", Float),  # A through it; none: nothing behind it
    Column("at", Moment, nullable=False),
)

# Ratings that faults exceed now.
over = lasting.table("short_circuit_over_duty", metadata)
