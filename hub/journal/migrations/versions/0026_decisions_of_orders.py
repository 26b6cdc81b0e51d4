"""What was decided of one order is found by an index: it is told beside the order."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
INDEX, TABLE = "crews_decision_order", "crews_decision"


def upgrade() -> None:
    """The app makes its tables when it first starts: where there are none they have the index."""
    inspector = sa.inspect(op.get_bind())
    if TABLE not in inspector.get_table_names():
        return
    if INDEX not in {index["name"] for index in inspector.get_indexes(TABLE)}:
        op.create_index(INDEX, TABLE, ["order"])
