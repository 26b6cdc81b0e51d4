"""The tables of the losses app."""

from __future__ import annotations

from sqlalchemy import Column, Float, MetaData, String, Table

from hub.columns import Moment

metadata = MetaData()

# What is lost in each device now.
device = Table(
    "losses_device",
    metadata,
    Column("device", String(200), primary_key=True),
    Column("phase", String(2), primary_key=True),  # "": all together
    Column("kind", String(12), nullable=False),
    Column("feeder", String(200), nullable=False),
    Column("watts", Float, nullable=False),
    Column("no_load", Float, nullable=False),
)

# The last state of each feeder, from which the next one is counted on.
state = Table(
    "losses_state",
    metadata,
    Column("feeder", String(200), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("lines", Float, nullable=False),  # W
    Column("no_load", Float, nullable=False),
    Column("load", Float, nullable=False),
    Column("drawn", Float, nullable=False),
)

# Energy by feeder and hour: trapezoids between states, counted into the hour in which they end.
energy = Table(
    "losses_energy",
    metadata,
    Column("feeder", String(200), primary_key=True),
    Column("hour", Moment, primary_key=True),  # begins
    Column("hours", Float, nullable=False),  # that are known
    Column("lines", Float, nullable=False),  # Wh in lines, switches and shunts
    Column("no_load", Float, nullable=False),  # Wh in cores
    Column("load", Float, nullable=False),  # Wh in transformers beside
    Column("drawn", Float, nullable=False),  # Wh drawn by loads
    Column("peak", Float, nullable=False),  # W, the highest loss
    Column("most", Float, nullable=False),  # W, the highest load
)
