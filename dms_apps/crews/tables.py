"""The tables of the app: crews, what is wrong, orders, and how far crews have come with them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from hub.columns import Moment, Sequence

metadata = MetaData()

crew = Table(
    "crews_crew",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("name", String(200), nullable=False),
    Column("parts", JSON, nullable=False),  # `parts.Parts`
    Column("gone", Boolean, nullable=False),  # deleted
    Index("crews_crew_name", "name"),
)

# What others told: outages, incidents, dangers, orders of theirs, and work that mends.
told = Table(
    "crews_told",
    metadata,
    Column("noun", String(60), primary_key=True),
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("parts", JSON, nullable=False),  # `parts.Parts`
    Column("over", String(10), nullable=False),  # closed, canceled, deleted; "" while it is not
    Column("as_of", Moment, nullable=False),  # of the newest word
    Index("crews_told_over", "over"),
)

# Calls of which nothing else is kept: of a danger there may be told late.
ended = Table(
    "crews_ended_ticket",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("over", String(10), nullable=False),  # closed, canceled, deleted
    Column("as_of", Moment, nullable=False),
    Index("crews_ended_ticket_as_of", "as_of"),
)

order = Table(
    "crews_order",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID
    Column("number", String(200), nullable=False),
    Column("noun", String(60), nullable=False),  # with `of`: the trouble, in `crews_told`
    Column("of", String(200), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("theirs", Boolean, nullable=False),  # another system gave it, and knows it
    Column("pinned", Integer),  # a dispatcher's rank, which goes before all others
    Column("held", Boolean, nullable=False),  # a dispatcher has taken the crew off: none by itself
    Column("over", String(10), nullable=False),  # closed, canceled; "" while it is not
    Column("ended_at", Moment),
    Column("said", JSON, nullable=False),  # what was told of it last, and has come back
    Column("saying", JSON, nullable=False),  # what is being told
    Index("crews_order_number", "number"),
    Index("crews_order_over", "over"),
    Index("crews_order_of", "noun", "of"),
)

# Rows are only added; what holds is `life.standing` of them.
step = Table(
    "crews_step",
    metadata,
    Column("order", String(200), primary_key=True),
    Column("crew", String(200), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("stage", String(24), primary_key=True),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Index("crews_step_crew", "crew", "at"),
)

# What was decided beside steps, and by whom.
decision = Table(
    "crews_decision",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("order", String(200), nullable=False),
    Column("what", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Index("crews_decision_at", "at"),
    Index("crews_decision_order", "order"),
)

# Zones that were handed over, and to whom; a user "" is nobody.
owner = Table(
    "crews_owner",
    metadata,
    Column("zone", String(200), primary_key=True),
    Column("user", String(200), nullable=False),
    Column("who", String(200), nullable=False),
    Column("at", Moment, nullable=False),
)
