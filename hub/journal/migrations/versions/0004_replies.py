"""Where answers to messages go that nobody waits for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reply_address",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=True),
        sa.Column("compressed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("reply_address_seq_fkey")),
        sa.PrimaryKeyConstraint("seq", name=op.f("reply_address_pkey")),
        comment="where answers to a message go that nobody waits for on the same connection",
    )
