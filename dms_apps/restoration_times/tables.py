"""The tables of the app: outages and what was said of them, how long steps took, crews."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table

from hub.columns import Moment

metadata = MetaData()

outage = Table(
    "restoration_times_outage",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("as_of", Moment, nullable=False),  # by its last message
    Column("zone", String(200), nullable=False),  # its feeder, else its community; "" unknown
    Column("kind", String(80), nullable=False),  # class of its device; "" for a service
    Column("customers", Integer, nullable=False),  # without supply now
    Column("critical", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("stage", String(24), nullable=False),  # a CrewStatusKind, "" while nobody was told
    Column("departed_at", Moment),  # of the crew that is on its way or there
    Column("arrived_at", Moment),
    Column("storm", Boolean, nullable=False),  # whether there was one when it was last looked at
    Column("ert", Moment),  # as told last, by whomever
    Column("ert_source", String(200), nullable=False),
    Column("first_ert", Moment),
    Column("first_source", String(200), nullable=False),
    Column("ended_at", Moment),
    Index("restoration_times_outage_ended_at", "ended_at"),
)

step = Table(
    "restoration_times_step",
    metadata,
    Column("outage", String(200), primary_key=True),
    Column("step", String(8), primary_key=True),
    Column("zone", String(200), nullable=False),
    Column("kind", String(80), nullable=False),
    Column("storm", Boolean, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seconds", Float, nullable=False),
    Index("restoration_times_step_begun_at", "begun_at"),
)

# Work as damage assessment has it, of orders of outages.
assessed = Table(
    "restoration_times_assessed",
    metadata,
    Column("outage", String(200), primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("as_of", Moment, nullable=False),
)

# The newest word of a crew's shifts, or that a crew or an outage is none: late ones are older.
heard = Table(
    "restoration_times_heard",
    metadata,
    Column("noun", String(60), primary_key=True),
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("as_of", Moment, nullable=False),
)

crew = Table(
    "restoration_times_crew",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("begins_at", Moment),  # of the shift; null: always
    Column("ends_at", Moment),
)
