"""Violated limits from one computation to the next, as an app keeps and tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from cim.message import Outgoing, Verb
from cim.profiles.limit_violations import LimitViolations
from dms_apps.solver.violations import Violation
from hub.columns import Moment

_MOVED = 0.01
"""Share of a limit by which a value must have changed to be told."""


@dataclass(frozen=True)
class Since:
    """A violation, and since when it lasts."""

    violation: Violation
    since: datetime


Notice = Callable[[Sequence[Since], bool], LimitViolations]
"""The content of a message, of those that last, or, where True, that are over."""


@dataclass(frozen=True)
class News:
    """What begins, what goes on with another value, and what is over."""

    begun: tuple[Since, ...]
    other: tuple[Since, ...]
    over: tuple[Since, ...]

    def told(
        self, notice: Callable[[Sequence[Since], bool], LimitViolations]
    ) -> Iterator[Outgoing]:
        """A message each."""
        for verb, some, is_over in (
            (Verb.CREATED, self.begun, False),
            (Verb.CHANGED, self.other, False),
            (Verb.CLOSED, self.over, True),
        ):
            if some:
                yield Outgoing(verb, notice(some, is_over))


def table(name: str, metadata: sa.MetaData) -> sa.Table:
    """The table of an app for those that last."""
    return sa.Table(
        name,
        metadata,
        sa.Column("mrid", sa.String(36), primary_key=True),
        sa.Column("since", Moment, nullable=False),
        sa.Column("equipment", sa.String(200), nullable=False),
        sa.Column("terminal", sa.String(200), nullable=False),
        sa.Column("node", sa.String(200), nullable=False),
        sa.Column("phase", sa.String(2), nullable=False),  # "": all together
        sa.Column("quantity", sa.String(2), nullable=False),  # V to earth | A | VA
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("limit", sa.Float, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("duration", sa.Float),  # s
    )


def news(
    connection: sa.Connection, of: sa.Table, found: Iterable[Violation], now: datetime
) -> News:
    """What differs from what lasted before; writes down what lasts now."""
    rows = connection.execute(sa.select(of).order_by(of.c.mrid)).mappings().all()
    before = {row["mrid"]: _since(dict(row)) for row in rows}
    is_so = {one.mrid: one for one in found}
    made = News(
        tuple(Since(one, now) for mrid, one in is_so.items() if mrid not in before),
        tuple(
            Since(is_so[mrid], one.since)
            for mrid, one in before.items()
            if mrid in is_so and abs(is_so[mrid].share - one.violation.share) > _MOVED
        ),
        tuple(one for mrid, one in before.items() if mrid not in is_so),
    )
    gone = [{"gone": one.violation.mrid} for one in (*made.other, *made.over)]
    if gone:
        connection.execute(sa.delete(of).where(of.c.mrid == sa.bindparam("gone")), gone)
    lasting = [asdict(one.violation) | {"since": one.since} for one in (*made.begun, *made.other)]
    if lasting:
        connection.execute(sa.insert(of), lasting)
    return made


def _since(row: dict[str, object]) -> Since:
    since = row.pop("since")
    return Since(Violation(**row), since)  # type: ignore[arg-type]
