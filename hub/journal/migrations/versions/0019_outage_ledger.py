"""What the outage app kept before it had a ledger: its tables are of another shape now.

What they held cannot be told in the new ones; the evidence itself is in the journal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    known = sa.inspect(op.get_bind()).get_table_names()
    if "outage_report" not in known:  # which only the old ones have
        return
    for name in ("outage_report", "outage_switching", "outage_outage"):
        if name in known:
            op.drop_table(name)
