"""Files that lie in watch folders and that nobody takes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("feed_file", sa.Column("ignored", sa.Text(), nullable=True))
