"""How far new apps have been told what came before them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "caught_up",
        sa.Column("subscriber", sa.String(length=100), nullable=False),
        sa.Column("done", NUMBER, nullable=False),
        sa.Column("upto", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subscriber", name=op.f("caught_up_pkey")),
        comment="how far new apps have been told what came before them",
    )
