"""Evidence of outages is found by indexes on SQLite too, which must say what its queries say."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

FLAGS = {
    "outage_signal_live": ("outage_signal", "live", "live", True),
    "outage_signal_fresh": ("outage_signal", "fresh", "fresh", True),
    "outage_signal_placed": ("outage_signal", "placed", "placed", False),
    "outage_signal_put_away": ("outage_signal", "at", "live", False),
    "outage_supply_live": ("outage_supply", "live", "live", True),
    "outage_statement_live": ("outage_statement", "live", "live", True),
    "outage_ticket_fresh": ("outage_ticket", "fresh", "fresh", True),
    "outage_ticket_is_open": ("outage_ticket", "is_open", "is_open", True),
    "outage_incident_is_open": ("outage_incident", "is_open", "is_open", True),
}
"""Name of an index -> table, column, and the flag that stands, or does not, in its rows."""


def upgrade() -> None:
    """Tables of an app are made when it starts: where there are none they will have the indexes."""
    inspector = sa.inspect(op.get_bind())
    there = set(inspector.get_table_names())
    for name, (table, column, flag, stands) in FLAGS.items():
        if table in there:
            if name in {index["name"] for index in inspector.get_indexes(table)}:
                op.drop_index(name, table)
            op.create_index(
                name,
                table,
                [column],
                sqlite_where=sa.text(f"{flag} = {stands:d}"),
                postgresql_where=sa.text(flag if stands else f"NOT {flag}"),
            )
