"""What was corrected in messages, and how often for each source."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("tolerance", sa.String(length=40), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("correction_seq_fkey")),
        sa.PrimaryKeyConstraint("seq", "tolerance", name=op.f("correction_pkey")),
        comment="what was corrected in a message before it was read",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "correction_total",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("tolerance", sa.String(length=40), nullable=False),
        sa.Column("messages", NUMBER, nullable=False),
        sa.Column("times", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("source", "tolerance", name=op.f("correction_total_pkey")),
        comment="how often each tolerance was needed by each source",
        sqlite_with_rowid=False,
    )
