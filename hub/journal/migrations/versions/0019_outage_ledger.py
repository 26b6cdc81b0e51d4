"""What the outage app kept before it had a ledger moves into tables of the shape they have now.

Outages keep their mRIDs, so those that are open go on as what they were told as.  Who was without
power for those that are over was not kept then: the ledger begins with who is without now.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

MOMENT = sa.DateTime(timezone=True)
LIVE, FRESH, UNPLACED = sa.text("live"), sa.text("fresh"), sa.text("NOT placed")
STILL_OPEN = sa.text("closed_at IS NULL")
SUBSCRIBER = "outage"

Row = dict[str, Any]


def upgrade() -> None:
    connection = op.get_bind()
    known = sa.inspect(connection).get_table_names()
    if "outage_report" not in known:  # which only the old ones have
        return
    reports, moves, outages = (
        _taken(connection, name) if name in known else []
        for name in ("outage_report", "outage_switching", "outage_outage")
    )
    _create_evidence()
    _create_outages()
    is_open = [one for one in outages if one["state"] != "closed"]
    _add("outage_signal", map(_signal, reports))
    since = min((one["opened_at"] or one["started_at"] for one in is_open), default=None)
    _add("outage_switching", (_move(one, since) for one in moves))
    _add("outage_outage", map(_outage, outages))
    _add("outage_interruption", _interruptions(is_open))
    _wake(connection)


def _taken(connection: sa.Connection, name: str) -> list[Row]:
    """All rows of a table, which is dropped."""
    old = sa.Table(name, sa.MetaData(), autoload_with=connection)
    for column in old.c:
        if column.name in ("dark", "points", "concerned"):
            column.type = sa.JSON()
    rows = [dict(row) for row in connection.execute(sa.select(old)).mappings()]
    op.drop_table(name)
    return rows


def _signal(report: Row) -> Row:
    """Which usage point it is the app finds out with its first look at the network."""
    meter, point = report["meter"], report["point"]
    return {
        "point": meter or point, "at": report["at"], "kind": report["kind"], "by": "meter",
        "ref": "", "placed": False, "other": point if meter else "",
        "arrived_at": report["arrived_at"], "fresh": True, "live": True,
    }  # fmt: skip


def _move(move: Row, since: datetime | None) -> Row:
    """`since`: from when on it is still to be worked out who lost supply by it."""
    return {**move, "phases": "", "fresh": since is not None and move["at"] >= since}


def _outage(old: Row) -> Row:
    names = ("mrid", "state", "device", "poles", "opened_at", "started_at", "ended_at",
             "created_at", "modified_at", "placed", "served", "affected", "comment")  # fmt: skip
    is_over = old["state"] == "closed"
    without = sorted(old["points"])
    every = [*without, *old["dark"], *old["concerned"]]
    return {name: old[name] for name in names} | {
        "planned": False, "anchor": min(every, default=""), "reports": len(old["dark"]),
        "closed_at": old["modified_at"] if is_over else None, "without": len(without),
        "content": hashlib.sha1("\n".join(without).encode(), usedforsecurity=False).hexdigest(),
        "calls": 0, "hazards": [], "confidence": 0, "crews": [], "incidents": [],
        "verified": False, "doubt": "",
    }  # fmt: skip


def _interruptions(outages: Iterable[Row]) -> list[Row]:
    """Who is without power now; of a usage point in several outages, in the first."""
    found: dict[str, Row] = {}
    for one in sorted(outages, key=lambda one: (one["started_at"], one["mrid"])):
        for point in one["points"]:
            row = {"point": point, "started_at": one["started_at"], "outage": one["mrid"]}
            found.setdefault(point, row)
    return list(found.values())


def _add(name: str, rows: Iterable[Row]) -> None:
    """Into a table made just now."""
    found = list(rows)
    if found:
        table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
        for column in table.c:
            if column.name in ("hazards", "crews", "incidents"):
                column.type = sa.JSON()
        op.get_bind().execute(sa.insert(table), found)


def _wake(connection: sa.Connection) -> None:
    """Have the app look at what has moved, when the hub begins."""
    wake = sa.table("wake", sa.column("subscriber"), sa.column("due_at", MOMENT))
    connection.execute(sa.delete(wake).where(wake.c.subscriber == SUBSCRIBER))
    due = {"subscriber": SUBSCRIBER, "due_at": datetime.now(UTC)}
    connection.execute(sa.insert(wake).values(due))


def _create_evidence() -> None:
    op.create_table(
        "outage_signal",
        sa.Column("point", sa.String(200), primary_key=True),
        sa.Column("at", MOMENT, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("by", sa.String(8), primary_key=True),
        sa.Column("ref", sa.String(200), primary_key=True),
        sa.Column("placed", sa.Boolean, nullable=False),
        sa.Column("other", sa.String(200), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
    )
    _partial("outage_signal_live", "outage_signal", "live", LIVE)
    _partial("outage_signal_fresh", "outage_signal", "fresh", FRESH)
    _partial("outage_signal_placed", "outage_signal", "placed", UNPLACED)
    op.create_table(
        "outage_switching",
        sa.Column("device", sa.String(200), primary_key=True),
        sa.Column("at", MOMENT, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("phases", sa.String(8), primary_key=True),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("fresh", sa.Boolean, nullable=False),
    )


def _create_outages() -> None:
    op.create_table(
        "outage_interruption",
        sa.Column("point", sa.String(200), primary_key=True),
        sa.Column("started_at", MOMENT, primary_key=True),
        sa.Column("ended_at", MOMENT),
        sa.Column("outage", sa.String(200)),
    )
    for name in ("outage", "started_at", "ended_at"):
        op.create_index(f"outage_interruption_{name}", "outage_interruption", [name])
    texts = {"cause": 1000, "cause_kind": 40, "crew_status": 40, "remark": 1000, "ert_source": 200,
             "ert_confidence": 8, "device": 200, "parent": 200}  # fmt: skip
    op.create_table(
        "outage_outage",
        sa.Column("mrid", sa.String(200), primary_key=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("anchor", sa.String(200), nullable=False),
        sa.Column("poles", sa.String(3), nullable=False),
        sa.Column("content", sa.String(40), nullable=False),
        *(sa.Column(name, sa.String(length)) for name, length in texts.items()),
        *(
            sa.Column(name, sa.Boolean, nullable=False)
            for name in ("planned", "placed", "verified")
        ),
        *(sa.Column(name, MOMENT) for name in ("opened_at", "ended_at", "closed_at", "ert")),
        *(
            sa.Column(name, MOMENT, nullable=False)
            for name in ("started_at", "created_at", "modified_at")
        ),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("served", "affected", "reports", "without", "calls", "confidence")
        ),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("hazards", "crews", "incidents")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("comment", "doubt")),
    )
    op.create_index("outage_outage_state", "outage_outage", ["state"])
    op.create_index("outage_outage_started_at", "outage_outage", ["started_at"])
    _partial("outage_outage_closed_at", "outage_outage", "closed_at", STILL_OPEN)


def _partial(name: str, table: str, column: str, where: sa.TextClause) -> None:
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
