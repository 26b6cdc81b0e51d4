"""The tables of the outage app: what was reported, who was without power, and the outages."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from hub.columns import Moment

metadata = MetaData()


def _where(name: str, column: str, flag: str, *, stands: bool = True) -> Index:
    """An index of the rows alone of which a flag stands, or does not.

    SQLite takes it only for queries that say so in the very words of the index.
    """
    return Index(
        name,
        column,
        sqlite_where=text(f"{flag} = {stands:d}"),
        postgresql_where=text(flag if stands else f"NOT {flag}"),
    )


# What is said of the supply of usage points, by meters and people.  Rows are only added: what
# follows from them does not depend on the order of arrival.
signal = Table(
    "outage_signal",
    metadata,
    Column("point", String(200), primary_key=True),  # usage point, mRID; else as it was called
    Column("at", Moment, primary_key=True),  # by the clock of who says so
    Column("kind", String(8), primary_key=True),  # dark | restored | alive | mute
    Column("by", String(8), primary_key=True),  # meter | call | answer
    Column("ref", String(200), primary_key=True),  # the ticket; "" of a meter
    Column("placed", Boolean, nullable=False),  # whether the network knew the usage point
    Column("other", String(200), nullable=False),  # another name of one that it did not
    Column("arrived_at", Moment, nullable=False),
    Column("fresh", Boolean, nullable=False),  # not assessed yet
    Column("live", Boolean, nullable=False),  # may still change what is believed
    _where("outage_signal_live", "live", "live"),
    _where("outage_signal_fresh", "fresh", "fresh"),
    _where("outage_signal_placed", "placed", "placed", stands=False),
    _where("outage_signal_put_away", "at", "live", stands=False),
)

# What switches did.
switching = Table(
    "outage_switching",
    metadata,
    Column("device", String(200), primary_key=True),  # mRID or name
    Column("at", Moment, primary_key=True),
    Column("kind", String(8), primary_key=True),  # open | close
    Column("phases", String(8), primary_key=True),  # "" for all
    Column("arrived_at", Moment, nullable=False),
    Column("fresh", Boolean, nullable=False),
)

# What else gave or took away supply: jumpers, cuts, mobile sources, service and connections.
alteration = Table(
    "outage_alteration",
    metadata,
    Column("what", String(8), primary_key=True),  # one of `moves.Move`
    Column("device", String(200), primary_key=True),  # what it goes by
    Column("at", Moment, primary_key=True),
    Column("kind", String(8), primary_key=True),  # open | close
    Column("phases", String(8), primary_key=True),  # "" for all
    Column("said", LargeBinary, nullable=False),  # the message, without times
    Column("arrived_at", Moment, nullable=False),
    Column("fresh", Boolean, nullable=False),
)

# What fault indicators show, from when on.
indication = Table(
    "outage_indication",
    metadata,
    Column("indicator", String(200), primary_key=True),  # mRID; else as it was called
    Column("at", Moment, primary_key=True),
    Column("phases", String(3), primary_key=True),  # of A, B, C; "" for all
    Column("says", String(8), primary_key=True),  # tripped | reset | unknown
    Column("place", String(200), nullable=False),  # equipment or terminal, as it was called
    Column("arrived_at", Moment, nullable=False),
    Column("fresh", Boolean, nullable=False),
    _where("outage_indication_fresh", "fresh", "fresh"),
    Index("outage_indication_at", "at"),
)

# Who lost supply by switches, exact by their times; worked out from `switching` and the network.
supply = Table(
    "outage_supply",
    metadata,
    Column("point", String(200), primary_key=True),
    Column("lost_at", Moment, primary_key=True),
    Column("back_at", Moment),
    Column("device", String(200), nullable=False),  # the open switch that is to blame
    Column("opened_at", Moment, nullable=False),  # since when it was open
    Column("arrived_at", Moment, nullable=False),
    Column("live", Boolean, nullable=False),
    Index("outage_supply_back_at", "back_at"),
    _where("outage_supply_live", "live", "live"),
)

# What crews and dispatchers said of devices and usage points.
statement = Table(
    "outage_statement",
    metadata,
    Column("id", String(200), primary_key=True),  # of the message and its part
    Column("kind", String(10), nullable=False),  # one of `facts.Statement`
    Column("device", String(200), nullable=False),  # "" where it names points
    Column("points", JSON, nullable=False),
    Column("members", JSON, nullable=False),  # [device or usage point, since when] each
    Column("at", Moment, nullable=False),
    Column("arrived_at", Moment, nullable=False),
    Column("outage", String(200), nullable=False),  # of which it was said, mRID
    Column("by", String(200), nullable=False),
    Column("fresh", Boolean, nullable=False),
    Column("live", Boolean, nullable=False),
    Index("outage_statement_outage", "outage"),
    _where("outage_statement_live", "live", "live"),
)

# Who changed what of an outage, and when: rows are only added.
audit = Table(
    "outage_audit",
    metadata,
    Column("id", String(240), primary_key=True),  # of the message, its part and the field
    Column("outage", String(200), nullable=False),
    Column("at", Moment, nullable=False),  # when it was done, by the clock of the hub
    Column("said_at", Moment, nullable=False),  # since when it is so, as was said
    Column("who", String(200), nullable=False),  # the user, else the system; "" for the evidence
    Column("verb", String(10), nullable=False),
    Column("field", String(60), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("outage_audit_outage", "outage"),
)

# Planned outages: when, and whom they concern.
planned = Table(
    "outage_planned",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("device", String(200), nullable=False),
    Column("points", JSON, nullable=False),  # [] for all below the device
    Column("begins", Moment),
    Column("ends", Moment),
    Column("is_actual", Boolean, nullable=False),  # the period is what happened, not the plan
    Column("is_off", Boolean, nullable=False),  # cancelled
    Column("reason", String(1000), nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("fresh", Boolean, nullable=False),
)

# Calls: where they belong, and what dangers they tell of.
ticket = Table(
    "outage_ticket",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", String(200), nullable=False),  # number of the call
    Column("point", String(200), nullable=False),  # "" while nobody knows where it belongs
    Column("reported_at", Moment, nullable=False),
    Column("hazards", JSON, nullable=False),
    Column("is_out", Boolean, nullable=False),  # whether it tells of no supply
    Column("is_open", Boolean, nullable=False),
    Column("called", JSON, nullable=False),  # names of the place, while nobody knows it
    Column("fresh", Boolean, nullable=False),  # not assessed yet
    Index("outage_ticket_point", "point"),
    _where("outage_ticket_fresh", "fresh", "fresh"),
    Index("outage_ticket_reported_at", "reported_at"),
    _where("outage_ticket_is_open", "is_open", "is_open"),
)

# What was reported from the field.
incident = Table(
    "outage_incident",
    metadata,
    Column("mrid", String(200), primary_key=True),  # else its first name
    Column("point", String(200), nullable=False),  # a usage point there; "" while nobody knows
    Column("place", String(200), nullable=False),  # as it was called
    Column("reported_at", Moment, nullable=False),
    Column("hazards", JSON, nullable=False),  # those that are not over
    Column("is_open", Boolean, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("document", LargeBinary, nullable=False),  # all that was said of it
    Column("fresh", Boolean, nullable=False),
    _where("outage_incident_is_open", "is_open", "is_open"),
)

# Who was without power, when: no two rows of a usage point overlap.
interruption = Table(
    "outage_interruption",
    metadata,
    Column("point", String(200), primary_key=True),  # usage point, mRID or name
    Column("started_at", Moment, primary_key=True),
    Column("ended_at", Moment),  # null: still
    Column("outage", String(200)),  # mRID; null: momentary, no outage explains it
    Index("outage_interruption_outage", "outage"),
    Index("outage_interruption_started_at", "started_at"),
    Index("outage_interruption_ended_at", "ended_at"),
)

outage = Table(
    "outage_outage",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("state", String(24), nullable=False),  # an OutageStatusKind, or asked | verify | hazard
    Column("planned", Boolean, nullable=False),
    Column("device", String(200)),  # mRID; null: one service alone, or meters nobody knows
    Column("anchor", String(200), nullable=False),  # one of its usage points
    Column("poles", String(3), nullable=False),  # A, B, C; "" for the whole device
    Column("opened_at", Moment),  # when the device was reported open
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("closed_at", Moment),  # since when nothing more is expected of it
    Column("created_at", Moment, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Column("placed", Boolean, nullable=False),  # false: meters that are not in the network
    Column("parent", String(200)),  # the outage it is left over from, mRID
    Column("heir", String(200)),  # the outage of which it is a part now, mRID
    Column("served", Integer, nullable=False),  # customers below the device
    Column("affected", Integer, nullable=False),  # customers that were without in all
    Column("reports", Integer, nullable=False),  # usage points that reported power lost
    Column("without", Integer, nullable=False),  # customers without power now
    Column("content", String(40), nullable=False),  # digest of who is without power
    Column("calls", Integer, nullable=False),
    Column("hazards", JSON, nullable=False),
    Column("confidence", Integer, nullable=False),  # per cent
    Column("comment", Text, nullable=False),
    Column("cause", String(1000)),
    Column("cause_kind", String(40)),
    Column("crew_status", String(40)),
    Column("crews", JSON, nullable=False),  # [mRID, name] each
    Column("incidents", JSON, nullable=False),  # [mRID, name] of each that it is grouped by
    Column("remark", String(1000)),  # what a person says of it
    Column("verified", Boolean, nullable=False),  # meters have said that power is back
    Column("doubt", Text, nullable=False),  # what speaks against what a person said
    Column("fault", Text, nullable=False),  # between which indicators: see `sections.Between`
    Column("ert", Moment),
    Column("ert_source", String(200)),
    Column("ert_confidence", String(8)),
    Index("outage_outage_state", "state"),
    Index("outage_outage_started_at", "started_at"),
    Index("outage_outage_closed_at", "closed_at", sqlite_where=text("closed_at IS NULL"),
          postgresql_where=text("closed_at IS NULL")),
)  # fmt: skip

# Which rules of prediction somebody asked for, region by region.
order = Table(
    "outage_order",
    metadata,
    Column("region", String(200), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("mode", String(40), nullable=False),  # "auto": none in particular
    Column("by", String(200), nullable=False),
)

# When there was much going on, by the times at which it happened.
storm = Table(
    "outage_storm",
    metadata,
    Column("region", String(200), primary_key=True),
    Column("began", Moment, primary_key=True),
    Column("high_at", Moment, nullable=False),  # the last time at which there was
    Column("why", String(1000), nullable=False),
)

# Meters that were asked whether they have power.
ping = Table(
    "outage_ping",
    metadata,
    Column("point", String(200), primary_key=True),
    Column("asked_at", Moment, nullable=False),
)

# How often the evidence was looked at (1); whether what is open is to be told anew (2).
look = Table(
    "outage_look",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)

# Usage points whose supply must not fail, as a model named them.
critical = Table(
    "outage_critical",
    metadata,
    Column("model", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
)
