"""All that was said of a ticket stands beside it, not in a table of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Tables of an app are made when it starts: where there are none they will have the column."""
    inspector = sa.inspect(op.get_bind())
    known = inspector.get_table_names()
    if "trouble_calls_ticket" not in known:
        return
    columns = {column["name"] for column in inspector.get_columns("trouble_calls_ticket")}
    if "document" not in columns:
        op.add_column("trouble_calls_ticket", sa.Column("document", sa.LargeBinary))
    if "trouble_calls_said" in known:
        op.execute(
            "UPDATE trouble_calls_ticket SET document = (SELECT document FROM trouble_calls_said"
            " WHERE trouble_calls_said.ticket = trouble_calls_ticket.id)"
        )
        op.drop_table("trouble_calls_said")
