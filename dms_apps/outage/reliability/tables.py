"""The tables of what was served."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, String, Table

from dms_apps.outage.tables import metadata

# From which day on a feeder serves how much; a row is added only when that has changed.
served = Table(
    "outage_served",
    metadata,
    Column("feeder", String(200), primary_key=True),  # mRID; "" for what has none
    Column("day", Date, primary_key=True),
    Column("region", String(200), nullable=False),
    Column("customers", Integer, nullable=False),  # 0: it is gone
    Column("va", BigInteger),  # connected; null: not known
)

# Of which models that is.
served_of = Table(
    "outage_served_of",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("models", String(64), nullable=False),  # digest of their mRIDs
)
