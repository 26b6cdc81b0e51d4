"""Nonces of ReplayDetection."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "nonce",
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("nonce", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "nonce", name=op.f("nonce_pkey")),
        comment="of ReplayDetection, remembered while it could be used again",
    )
    op.create_index(op.f("nonce_until"), "nonce", ["until"])
