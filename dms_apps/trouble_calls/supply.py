"""Who has no supply, by what is told of outages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from cim.bounds import PROSE, counted, short, whole
from cim.message import Verb
from cim.profiles.identification import UsagePoint
from cim.profiles.outages import MERGED
from cim.profiles.unplanned_outages import UnplannedOutage
from dms_apps.trouble_calls.places import points_of
from dms_apps.trouble_calls.store import parts
from dms_apps.trouble_calls.tables import out, outage, planned

# Made once: making a statement takes as long as carrying it out.
_MEMBERS: sa.BindParameter[Any] = sa.bindparam("these", expanding=True)
_EVER = datetime.min.replace(tzinfo=UTC)
_OUTAGES = (
    sa.select(
        *(out.c.point, out.c.outage, outage.c.started_at, out.c.until, outage.c.ert, outage.c.over),
        *(planned.c.begins, planned.c.ends, planned.c.begun),
    )
    .join(outage, outage.c.id == out.c.outage)
    .outerjoin(planned, planned.c.id == out.c.outage)
    .where(out.c.point.in_(_MEMBERS))
)


@dataclass(frozen=True)
class Open:
    """An outage at some place, and until when; None: it is not over there.

    over: how it ended as a whole; "" while it is not.
    begins, ends, begun: of one that is planned (`plans.Period`).
    """

    outage: str
    started_at: datetime | None
    until: datetime | None
    ert: datetime | None
    over: str
    begins: datetime | None
    ends: datetime | None
    begun: bool | None

    @property
    def was_none(self) -> bool:
        """Whether it turned out that there was no outage."""
        return self.over in (Verb.CANCELED, Verb.DELETED)

    def began(self, by: datetime) -> bool:
        """Whether it had begun by then, as far as anybody knows."""
        return self.started_at is None or self.started_at <= by


def outages_at(connection: sa.Connection, points: Collection[str]) -> list[Open]:
    """The outages at any of the usage points, over or not; the oldest first."""
    found = outages_by(connection, points)
    return oldest_first(one for some in found.values() for one in some)


def outages_by(connection: sa.Connection, points: Collection[str]) -> dict[str, list[Open]]:
    """The same by usage point, in no order."""
    found: dict[str, list[Open]] = defaultdict(list)
    for some in parts(points):
        for point, *row in connection.execute(_OUTAGES, {"these": some}):
            found[point].append(Open(*row))
    return found


def oldest_first(found: Iterable[Open]) -> list[Open]:
    """What began nobody knows when comes before all."""
    return sorted(found, key=lambda one: (one.started_at or _EVER, one.outage))


def keep_outage(
    connection: sa.Connection, one: UnplannedOutage, identity: str, as_of: datetime, over: str
) -> set[str] | None:
    """What is told of an outage, in place of what was told before; the usage points for which it
    is news.  None when something newer was told already."""
    late = (
        one.energized_usage_point if over and not _is_handed_on(connection, one, identity) else ()
    )
    row = _outage(one, identity, as_of, over)
    return keep_row(connection, row, one.de_energized_usage_point, late)


def _is_handed_on(connection: sa.Connection, one: UnplannedOutage, identity: str) -> bool:
    """Whether it was told before that an outage became part of another, which has its usage points
    since."""
    over = sa.select(outage.c.over).where(outage.c.id == identity)
    return heir_of(one) is not None and bool(connection.scalar(over))


def heir_of(one: UnplannedOutage) -> str | None:
    """The outage of which one is a part by now."""
    return whole(one.status.reason) if one.status and one.status.value == MERGED else None


def points_out(connection: sa.Connection, identity: str) -> set[str]:
    """Whom an outage is about, as far as is told."""
    query = sa.select(out.c.point).where(out.c.outage == identity, out.c.until.is_(None))
    return set(connection.scalars(query))


def hand_on(
    connection: sa.Connection, identity: str, heir: str, still: Collection[str], as_of: datetime
) -> set[str]:
    """All whom an outage was about are of another, of which it became part; those of them who had
    supply again and are without in that one.

    still: who had none until then.  Until the heir itself tells of whom it is, supply is not back
           because the outages became one.
    """
    were, had = _until(connection, identity), _until(connection, heir)
    connection.execute(sa.delete(out).where(out.c.outage == identity))
    before = connection.execute(sa.select(outage).where(outage.c.id == heir)).first()
    if before is None:
        connection.execute(sa.insert(outage), {"id": heir, "as_of": as_of, "over": ""})
    at = None
    if before and (before.over or before.as_of >= as_of):  # it has told of whom it is still
        at = before.ended_at or before.as_of
        were = {p: until for p, until in were.items() if p not in had or p not in still}
    its = {p: at if p in still else until for p, until in were.items()}
    news = {p: until for p, until in its.items() if p not in had or _is_later(until, had[p])}
    for some in parts(news):
        connection.execute(sa.delete(out).where(out.c.outage == heir, out.c.point.in_(some)))
    if news:
        rows = [{"point": p, "outage": heir, "until": news[p]} for p in sorted(news)]
        connection.execute(sa.insert(out), rows)
    return {p for p, until in its.items() if until and p in had and had[p] is None}


def keep_row(
    connection: sa.Connection,
    row: Mapping[str, Any],
    without: Iterable[UsagePoint],
    late: Iterable[UsagePoint],
) -> set[str] | None:
    """The same of a row.

    without: whom it is about, as long as it is not over; late: whom it was about, of which nothing
             was told while it was not.
    """
    identity, as_of, over = row["id"], row["as_of"], row["over"]
    query = sa.select(outage.c.as_of, outage.c.over).where(outage.c.id == identity)
    before = connection.execute(query).first()
    if before and (before.as_of > as_of or (before.as_of == as_of and before.over and not over)):
        return None
    if before:
        connection.execute(sa.update(outage).where(outage.c.id == identity).values(row))
    else:
        connection.execute(sa.insert(outage), row)
    now = set() if over else {n for p in without for n in points_of(p)}
    were = {n for p in late for n in points_of(p)}
    ended = row["ended_at"] or as_of
    return _moved(connection, identity, now, ended) | _were(connection, identity, were, ended)


def _outage(one: UnplannedOutage, identity: str, as_of: datetime, over: str) -> dict[str, Any]:
    expected, period = one.estimated_restoration_time, one.actual_period
    return {
        "id": identity,
        "as_of": as_of,
        "over": over,
        "kind": one.outage_kind,
        "crew": one.status_kind,
        "cause": short(one.cause or "", PROSE) or None,
        "cause_kind": one.cause_kind,
        "started_at": one.reported_start_time or (period.start if period else None),
        "ended_at": (period.end if period else None) or (as_of if over else None),
        "ert": expected.ert if expected else None,
        "confidence": expected.confidence_kind if expected else None,
        "without": counted(one.meters_affected),
    }


def _moved(connection: sa.Connection, identity: str, now: set[str], at: datetime) -> set[str]:
    """Whom it is about now; those who were not or no longer are."""
    had = _until(connection, identity)
    out_before = {point for point, until in had.items() if until is None}
    gone, come = out_before - now, now - out_before
    for some in parts(gone):
        connection.execute(_of(identity, some).values(until=at))
    _come(connection, identity, come, had.keys())
    return gone | come


def _come(connection: sa.Connection, identity: str, come: set[str], had: Set[str]) -> None:
    """An outage is about these, too.  had: whom it has ever been about."""
    for some in parts(come & had):
        connection.execute(_of(identity, some).values(until=None))
    if new := sorted(come - had):
        connection.execute(sa.insert(out), [{"point": p, "outage": identity} for p in new])


def _were(connection: sa.Connection, identity: str, late: set[str], at: datetime) -> set[str]:
    """Whom it was about, of an outage that is told when it is over; those of whom that is news."""
    had = connection.scalars(sa.select(out.c.point).where(out.c.outage == identity))
    if new := sorted(late - set(had)):
        rows = [{"point": p, "outage": identity, "until": at} for p in new]
        connection.execute(sa.insert(out), rows)
    return set(new)


def _until(connection: sa.Connection, identity: str) -> dict[str, datetime | None]:
    """Whom an outage has ever been about, and until when; None: now."""
    rows = connection.execute(sa.select(out.c.point, out.c.until).where(out.c.outage == identity))
    return {row.point: row.until for row in rows}


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    """None: not over yet."""
    return other is not None and (one is None or one > other)


def _of(identity: str, points: Collection[str]) -> sa.Update:
    return sa.update(out).where(out.c.outage == identity, out.c.point.in_(points))
