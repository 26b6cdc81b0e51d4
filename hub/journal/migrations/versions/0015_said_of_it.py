"""What an adapter wants to know of what was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    said = sa.Column("said", sa.Text(), nullable=False, server_default="")
    op.add_column("handed_over", said)
