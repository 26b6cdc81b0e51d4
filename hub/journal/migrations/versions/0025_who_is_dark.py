"""Who is without supply by a planned outage, and not only how many; of before nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
TABLE = "planned_outages_outage"


def upgrade() -> None:
    """The app makes its tables when it first starts: where there are none they have the column."""
    inspector = sa.inspect(op.get_bind())
    if TABLE not in inspector.get_table_names():
        return
    if "mark" not in {column["name"] for column in inspector.get_columns(TABLE)}:
        mark = sa.Column("mark", sa.String(32), nullable=False, server_default="")
        op.add_column(TABLE, mark)
