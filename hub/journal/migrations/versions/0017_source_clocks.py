"""How long the latest facts of each source took, and what that says of its clock."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_clock",
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("lags", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("since", MOMENT),
        sa.PrimaryKeyConstraint("source", name=op.f("source_clock_pkey")),
        comment="how long the latest facts of each source took",
    )
