"""The tables of the app: planned outages, whom they concern, who was told what, who decided it."""

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
)

from hub.columns import Moment, Sequence

metadata = MetaData()

outage = Table(
    "planned_outages_outage",
    metadata,
    Column("mrid", String(200), primary_key=True),
    Column("state", String(12), nullable=False),  # a `plan.State`
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),  # what others said of it last was as of then
    Column("deeds", JSON, nullable=False),  # `plan.Deed`s
    Column("equipment", JSON, nullable=False),  # mRIDs
    Column("is_fixed", Boolean, nullable=False),  # whom it concerns was told, and is not worked out
    Column("served", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("critical", Integer, nullable=False),
    Column("dark", Integer, nullable=False),
    Column("mark", String(32), nullable=False),  # of who is without supply, `watching.mark`
    Column("started_at", Moment),
    Column("back_at", Moment),
    Column("ended_at", Moment),
    Column("moved_at", Moment),
    Column("is_seen", Boolean, nullable=False),
    Column("is_overdue", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("remarks", JSON, nullable=False),  # sentences
    Column("tell_from", Moment, nullable=False),  # those whom it does not concern any more
    Column("notify_at", Moment),  # when to look again whom to tell
    Column("is_stale", Boolean, nullable=False),  # another one of the same time has changed
    Column("document", LargeBinary, nullable=False),  # all that was said of it
    Index("planned_outages_outage_state", "state"),
)

# By what else an outage is called.
name = Table(
    "planned_outages_name",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("outage", String(200), primary_key=True),
    Index("planned_outages_name_outage", "outage"),
)

# By mRID or name: outages that are over, of which nobody has told when they were to be.
early = Table(
    "planned_outages_early",
    metadata,
    Column("called", String(200), primary_key=True),
    Column("verb", String(10), nullable=False),  # closed, canceled, deleted
    Column("at", Moment, nullable=False),  # as of when that was told
    Column("why", Text, nullable=False),
)

# How many looks at the plans were kept: who remembers another number has not seen all.
look = Table(
    "planned_outages_look",
    metadata,
    Column("id", Integer, primary_key=True),  # 1
    Column("number", Sequence, nullable=False),
)

# What is switched for it, by mRID and by name; and when it was, as far as that was reported.
device = Table(
    "planned_outages_device",
    metadata,
    Column("outage", String(200), primary_key=True),
    Column("device", String(200), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("opened_at", Moment),
    Column("closed_at", Moment),
    Index("planned_outages_device_device", "device"),
    Index("planned_outages_device_name", "name"),
)

# Who has no supply during it: usage points by mRID, those that no model has by name.
point = Table(
    "planned_outages_point",
    metadata,
    Column("outage", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Column("name", String(200)),  # null: no model has it
    Column("tell_from", Moment, nullable=False),  # not before: the network may change back
    Column("was_dark", Boolean, nullable=False),  # was without supply during it
    Index("planned_outages_point_point", "point"),
)

# What was told last of an outage about a usage point.
told = Table(
    "planned_outages_told",
    metadata,
    Column("outage", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),  # a `news.Kind`
    Column("begins_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
)

# Who is at a usage point (its mRID, and again each of its names), from CustomerAgreements.
customer = Table(
    "planned_outages_customer",
    metadata,
    Column("agreement", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Column("mrid", String(200), nullable=False),
    Column("account", String(200), nullable=False),
    Column("locale", String(40), nullable=False),
    Column("special_need", String(1000), nullable=False),
    Column("contacts", JSON, nullable=False),  # pairs of means and number or address
    Index("planned_outages_customer_point", "point"),
)

# Usage points whose supply must not fail, as a model named them.
critical = Table(
    "planned_outages_critical",
    metadata,
    Column("model", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Index("planned_outages_critical_point", "point"),
)

decision = Table(
    "planned_outages_decision",
    metadata,
    Column("number", Sequence, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("outage", String(200), nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("planned_outages_decision_outage", "outage"),
)
