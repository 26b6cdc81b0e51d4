"""What was handed to other systems."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "handed_over",
        sa.Column("system", sa.String(length=100), nullable=False),
        sa.Column("identity", sa.String(length=400), nullable=False),
        sa.Column("mark", sa.String(length=10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("system", "identity", name=op.f("handed_over_pkey")),
        comment="what was begun or sent to systems, so that no control comes twice",
        sqlite_with_rowid=False,
    )
