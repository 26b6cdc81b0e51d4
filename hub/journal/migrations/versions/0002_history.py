"""Versions of models and snapshots of the network."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _piece()
    _snapshot()
    _model_version()


def _piece() -> None:
    op.create_table(
        "piece",
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("piece_pkey")),
    )


def _snapshot() -> None:
    op.create_table(
        "snapshot",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("snapshot_seq_fkey")),
        sa.PrimaryKeyConstraint("seq", name=op.f("snapshot_pkey")),
        comment="the network after every message up to `seq`",
    )


def _model_version() -> None:
    op.create_table(
        "model_version",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mrid", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("until", NUMBER, nullable=True),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["message.seq"], name=op.f("model_version_seq_fkey")),
        sa.ForeignKeyConstraint(["until"], ["message.seq"], name=op.f("model_version_until_fkey")),
        sa.PrimaryKeyConstraint("seq", "place", name=op.f("model_version_pkey")),
        comment="a model while it was in force, from its message to the one that replaced it",
    )
    op.create_index("model_version_key", "model_version", ["key", "seq"])
    op.create_index("model_version_until", "model_version", ["until"])
