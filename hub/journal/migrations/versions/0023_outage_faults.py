"""Between which fault indicators the fault of an outage is; of those before nobody asked."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    if "outage_outage" not in inspector.get_table_names():
        return  # the app makes its tables when it first starts
    if "fault" not in {column["name"] for column in inspector.get_columns("outage_outage")}:
        op.add_column(
            "outage_outage", sa.Column("fault", sa.Text(), nullable=False, server_default="")
        )
