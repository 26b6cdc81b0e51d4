"""Series of values: the historian."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _series()
    _name()
    _sample()
    _earlier()
    _left_out()


def _series() -> None:
    op.create_table(
        "historian_series",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("historian_series_pkey")),
        sa.UniqueConstraint("kind", "key", name=op.f("historian_series_kind_key_key")),
    )


def _name() -> None:
    op.create_table(
        "historian_name",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("series", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["series"], ["historian_series.id"], name=op.f("historian_name_series_fkey")
        ),
        sa.PrimaryKeyConstraint("name", "series", name=op.f("historian_name_pkey")),
        comment="every mRID and name by which a series is asked for",
        sqlite_with_rowid=False,
    )


def _sample() -> None:
    op.create_table(
        "historian_sample",
        sa.Column("series", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("start", INSTANT, nullable=True),
        sa.Column("value", sa.Float(53), nullable=True),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("known", INSTANT, nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "at", name=op.f("historian_sample_pkey")),
        comment="the newest value of each series and time",
        sqlite_with_rowid=False,
        postgresql_partition_by="RANGE (at)",
    )


def _earlier() -> None:
    op.create_table(
        "historian_earlier",
        sa.Column("series", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("revision", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("start", INSTANT, nullable=True),
        sa.Column("value", sa.Float(53), nullable=True),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("known", INSTANT, nullable=False),
        sa.Column("replaced", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("series", "at", "revision", name=op.f("historian_earlier_pkey")),
        comment="values that were replaced",
        sqlite_with_rowid=False,
    )


def _left_out() -> None:
    op.create_table(
        "historian_left_out",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("rule", sa.String(length=400), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("known", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "rule", name=op.f("historian_left_out_pkey")),
        comment="values that no series can hold, and why; the journal has them",
        sqlite_with_rowid=False,
    )
    op.create_index("historian_left_out_known", "historian_left_out", ["known"])
