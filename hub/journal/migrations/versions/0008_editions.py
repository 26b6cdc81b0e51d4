"""In which edition of IEC 61968-100 answers and callbacks are written."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("reply_address", sa.Column("edition", sa.Integer(), nullable=True))
    op.add_column("callback", sa.Column("edition", sa.Integer(), nullable=True))
