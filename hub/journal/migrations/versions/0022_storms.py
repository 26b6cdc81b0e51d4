"""Storms by the times at which things happened, and who asked for which rules when."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

MOMENT = sa.DateTime(timezone=True)
STORM = "storm"


def upgrade() -> None:
    """Tables of an app are made when it starts: where there are none there is nothing to keep."""
    connection = op.get_bind()
    if "outage_mode" not in sa.inspect(connection).get_table_names():
        return
    old = sa.Table("outage_mode", sa.MetaData(), autoload_with=connection)
    rows = connection.execute(sa.select(old)).mappings().all()
    order = op.create_table(
        "outage_order",
        sa.Column("region", sa.String(200), primary_key=True),
        sa.Column("at", MOMENT, primary_key=True),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
    )
    storm = op.create_table(
        "outage_storm",
        sa.Column("region", sa.String(200), primary_key=True),
        sa.Column("began", MOMENT, primary_key=True),
        sa.Column("high_at", MOMENT, nullable=False),
        sa.Column("why", sa.String(1000), nullable=False),
    )
    for row in rows:
        mode, _, by = row["ordered"].partition(" ")
        if mode:
            said = {"region": row["region"], "at": row["since"], "mode": mode, "by": by}
            connection.execute(sa.insert(order).values(said))
        elif row["name"] == STORM and row["high_at"] is not None:
            found = {"region": row["region"], "began": row["since"], "high_at": row["high_at"],
                     "why": row["why"]}  # fmt: skip
            connection.execute(sa.insert(storm).values(found))
    op.drop_table("outage_mode")
