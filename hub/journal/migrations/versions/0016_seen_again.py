"""How often what lies in quarantine came, and where it was last."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What is kept already counts once; what comes of it again from now on is one item more."""
    op.add_column("quarantine", sa.Column("times", sa.Integer(), nullable=True))
    op.add_column("quarantine", sa.Column("last_at", MOMENT, nullable=True))
    op.add_column("quarantine", sa.Column("last_origin", sa.Text(), nullable=True))
    op.execute("UPDATE quarantine SET times = 1, last_at = at, last_origin = origin")
