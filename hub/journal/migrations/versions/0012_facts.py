"""Facts of messages that have several."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("external_id", sa.String(length=400), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("fact_seq_fkey")),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("fact_pkey")),
        comment="what a message brought that has several facts",
        sqlite_with_rowid=False,
    )
