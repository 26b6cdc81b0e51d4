"""The tables of the app: who is supplied where, who has called, and who has no supply."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from hub.columns import Moment, Sequence

metadata = MetaData()

# By what customers are known, from CustomerAgreements: `places.Key` of a telephone, premises, an
# account or a usage point's name -> usage point (mRID, else name).
customer = Table(
    "trouble_calls_customer",
    metadata,
    Column("agreement", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("point", String(200), primary_key=True),
    Index("trouble_calls_customer_key", "key"),
)

ticket = Table(
    "trouble_calls_ticket",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("mrid", String(200)),
    Column("name", String(200), nullable=False),  # number of the call, "" without
    Column("issuer", String(200), nullable=False),  # who gave the number, "" without
    Column("account", String(200), nullable=False),
    Column("reported_at", Moment, nullable=False),
    Column("answered_at", Moment),  # when its caller last said how it is, called back
    Column("outage", String(200)),  # the one behind it
    Column("restored_at", Moment),  # since when there seems to be supply again
    Column("due_at", Moment),  # when its caller is to be told so
    Column("document", LargeBinary),  # all that was said of it, by whomever but this app
    Index("trouble_calls_ticket_name", "name"),
    Index("trouble_calls_ticket_outage", "outage"),
    Index("trouble_calls_ticket_due_at", "due_at"),
)

# By what a ticket is found: its `places.Key`s, of usage points among them.
ticket_key = Table(
    "trouble_calls_ticket_key",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("ticket", String(200), primary_key=True),
    Index("trouble_calls_ticket_key_ticket", "ticket"),
)

# What was said of tickets that are not here: that they are over, or what of them changed before the
# call itself was told.
absent = Table(
    "trouble_calls_absent",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("at", Moment, nullable=False),  # when it was said last
    Column("over", Boolean, nullable=False),
    Column("document", LargeBinary),  # of one that is not over
    Index("trouble_calls_absent_at", "at"),
)

# Of what a caller wants to be told, and how.
wish = Table(
    "trouble_calls_wish",
    metadata,
    Column("ticket", String(200), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("trigger", String(40), nullable=False),  # a NotificationTriggerKind
    Column("contact_type", String(200)),
    Column("contact_value", String(200)),
    Column("earliest", Moment),
    Column("latest", Moment),
    Column("told_at", Moment),  # the restoration, or the restoration time, that was told last
)

outage = Table(
    "trouble_calls_outage",
    metadata,
    Column("id", String(200), primary_key=True),  # mRID, else name
    Column("as_of", Moment, nullable=False),
    Column("over", String(10), nullable=False),  # closed, canceled, deleted; "" while it is not
    Column("kind", String(40)),
    Column("crew", String(40)),
    Column("cause", String(1000)),
    Column("cause_kind", String(40)),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("ert", Moment),
    Column("confidence", String(40)),
    Column("without", Integer),
    Index("trouble_calls_outage_over", "over"),
)

# Of those of the outages that are planned, when.
planned = Table(
    "trouble_calls_planned",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("begins", Moment, nullable=False),  # as planned or, once it has begun, as it was
    Column("ends", Moment),  # as planned
    Column("begun", Boolean, nullable=False),
    Column("reason", String(1000), nullable=False),
)

# Whom an outage is about, by mRID and by name, and until when.
out = Table(
    "trouble_calls_out",
    metadata,
    Column("point", String(200), primary_key=True),
    Column("outage", String(200), primary_key=True),
    Column("until", Moment),  # null: now
    Index("trouble_calls_out_outage", "outage"),
)

# What was asked of tickets and not done.
refused = Table(
    "trouble_calls_refused",
    metadata,
    Column("number", Sequence, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("who", String(200), nullable=False),
    Column("request", String(10), nullable=False),  # its verb
    Column("ticket", String(200), nullable=False),  # as it was called, "" without
    Column("why", Text, nullable=False),
    Index("trouble_calls_refused_at", "at"),
)
