"""What people did about what is in quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _attempt()
    _attempt_message()


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("violations", sa.JSON(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["quarantine.id"], name=op.f("attempt_item_fkey")),
        sa.PrimaryKeyConstraint("item", "number", name=op.f("attempt_pkey")),
        comment="what people did about an item in quarantine",
    )


def _attempt_message() -> None:
    op.create_table(
        "attempt_message",
        sa.Column("item", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["item", "number"],
            ["attempt.item", "attempt.number"],
            name=op.f("attempt_message_item_number_fkey"),
        ),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("attempt_message_seq_fkey")),
        sa.PrimaryKeyConstraint("item", "number", "seq", name=op.f("attempt_message_pkey")),
        comment="which messages came of an attempt, or were there already",
    )
    op.create_index("attempt_message_seq", "attempt_message", ["seq"])
