"""Of which other outage one is a part by now."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Tables of an app are made when it starts: where there are none they will have the column."""
    inspector = sa.inspect(op.get_bind())
    if "outage_outage" in inspector.get_table_names():
        known = {column["name"] for column in inspector.get_columns("outage_outage")}
        if "heir" not in known:
            op.add_column("outage_outage", sa.Column("heir", sa.String(200), nullable=True))
