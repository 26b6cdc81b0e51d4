"""What meters and switches reported, kept so that the order of arrival does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.profiles.switching_events import SwitchActionKind, SwitchingEvents
from dms_apps.outage.tables import report, switching

DARK, RESTORED, ALIVE = "dark", "restored", "alive"


@dataclass(frozen=True)
class Heard:
    """A time a meter named, and when the word of it arrived."""

    at: datetime
    arrived_at: datetime


@dataclass(frozen=True)
class Interval:
    """How long a switch was, or is, open."""

    device: str
    opened: Heard
    closed: Heard | None = None


@dataclass
class Evidence:
    """What is believed of each usage point and switch.

    dark:     without power: since when (the earliest report after the last sign of power).
    restored: reported that power came back, and nothing since.
    alive:    the last sign of power of any kind.
    unknown:  meters without power that the network does not know.
    openings: intervals in which switches were open, by device and time.
    closed:   switches whose last word is "closed", and when it was said.
    """

    dark: dict[str, Heard] = field(default_factory=dict)
    restored: dict[str, Heard] = field(default_factory=dict)
    alive: dict[str, datetime] = field(default_factory=dict)
    unknown: dict[str, Heard] = field(default_factory=dict)
    openings: list[Interval] = field(default_factory=list)
    closed: dict[str, Heard] = field(default_factory=dict)


def record_meters(
    connection: sa.Connection,
    events: EndDeviceEvents,
    kind_of: Callable[[str], str | None],
    now: datetime,
) -> set[str]:
    """Keep what the events say, and return the kinds that were news.

    kind_of: EndDeviceEventType -> dark | restored | alive; other events say nothing here: None.
    """
    kinds = {
        code: kind_of(code) for code in {e.end_device_event_type for e in events.end_device_event}
    }
    rows: list[dict[str, Any]] = [
        {"meter": meter, "point": point, "kind": kind, "at": event.created_date_time}
        for event in events.end_device_event
        if (kind := kinds[event.end_device_event_type])
        for meter, point in [_who(event)]
    ]
    news = _insert(connection, report, rows, now)
    _forget_older(connection, [row for row in news if row.kind != DARK])
    return {row.kind for row in news}


def _who(event: EndDeviceEvent) -> tuple[str, str]:
    """Names of meter and usage point, "" where there is none."""
    meter, point = event.assets, event.usage_point
    return (
        next(iter(n.name for n in meter.names), meter.mrid or "") if meter else "",
        (point.mrid or next(iter(n.name for n in point.names), "")) if point else "",
    )


def record_switches(
    connection: sa.Connection, events: SwitchingEvents, network: Network, now: datetime
) -> bool:
    """Keep what the events say.  Returns whether anything was news."""
    news = False
    for event in events.switching_event:
        action = event.switching_action
        if action is not None and action.kind in (SwitchActionKind.OPEN, SwitchActionKind.CLOSE):
            at = action.executed_date_time or event.created_date_time or now
            names = action.operated_switch.names
            device = action.operated_switch.mrid or (names[0].name if names else "")
            row = {"device": _mrid(network, device), "at": at, "kind": action.kind.value}
            news |= bool(_insert(connection, switching, [row], now))
    return news


def _mrid(network: Network, device: str) -> str:
    if network.knows(device):
        return device
    try:
        return network.equipment_named(device).mrid
    except KeyError:
        return device


def _insert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], now: datetime
) -> Sequence[sa.Row[Any]]:
    """Add those of the rows that are not there; the keys of what was added."""
    if not rows:
        return []
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    # The rows themselves say so: PostgreSQL's driver tells no row count of an INSERT.
    return connection.execute(insert, [{**row, "arrived_at": now} for row in rows]).all()


_older = sa.delete(report).where(
    *(report.c[name] == sa.bindparam(f"of_{name}") for name in ("meter", "point", "kind")),
    report.c.at < sa.bindparam("of_at"),
)


def _forget_older(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> None:
    """Keep one sign of power of each kind for a meter."""
    if rows:
        connection.execute(
            _older, [{f"of_{name}": value for name, value in r._mapping.items()} for r in rows]
        )


def prune(connection: sa.Connection) -> None:
    """Drop the losses of power that a newer sign of power of the same meter has ended."""
    newer = report.alias("newer")
    connection.execute(
        sa.delete(report).where(
            report.c.kind == DARK,
            sa.exists().where(
                newer.c.meter == report.c.meter,
                newer.c.point == report.c.point,
                newer.c.kind != DARK,
                newer.c.at >= report.c.at,
            ),
        )
    )


def load(
    connection: sa.Connection, network: Network, nested: timedelta, since: datetime | None
) -> Evidence:
    """What is believed now, from the signs of power that still matter.

    nested: how long after a switch was closed its opening still matters.
    since:  start of the oldest open outage.
    """
    evidence = Evidence()
    _load_switches(connection, evidence)
    oldest = connection.scalar(sa.select(sa.func.min(report.c.at)).where(report.c.kind == DARK))
    times = [t for t in (oldest, since) if t is not None]
    times += [
        i.opened.at
        for i in evidence.openings
        if i.closed is None or (oldest and i.closed.at >= oldest - nested)
    ]
    query = sa.select(report).where(
        sa.or_(report.c.kind == DARK, report.c.at >= min(times) if times else sa.false())
    )
    _believe(evidence, connection.execute(query), network)
    return evidence


def _load_switches(connection: sa.Connection, evidence: Evidence) -> None:
    query = sa.select(switching).order_by(switching.c.device, switching.c.at, switching.c.kind)
    opened: Heard | None = None
    device = ""
    for row in [*connection.execute(query), None]:
        if (row is None or row.device != device) and opened:
            evidence.openings.append(Interval(device, opened))
        if row is None:
            return
        if row.device != device:
            device, opened = row.device, None
        heard = Heard(row.at, row.arrived_at)
        if row.kind == "open":
            opened = opened or heard
            evidence.closed.pop(device, None)
        else:
            if opened:
                evidence.openings.append(Interval(device, opened, heard))
            opened = None
            evidence.closed[device] = heard


def _believe(evidence: Evidence, rows: Iterable[Any], network: Network) -> None:
    """Resolve the rows to usage points; a point may be named in several ways."""
    resolved = list(_resolve(rows, network))
    for key, _, row in resolved:
        if row.kind != DARK:
            evidence.alive[key] = max(row.at, evidence.alive.get(key, row.at))
            if row.kind == RESTORED:
                heard = Heard(row.at, row.arrived_at)
                evidence.restored[key] = _latest(heard, evidence.restored.get(key))
    for key, known, row in resolved:
        if row.kind == DARK and not (key in evidence.alive and evidence.alive[key] >= row.at):
            target = evidence.dark if known else evidence.unknown
            target[key] = _earliest(Heard(row.at, row.arrived_at), target.get(key))
            evidence.restored.pop(key, None)


def _resolve(rows: Iterable[Any], network: Network) -> Iterator[tuple[str, bool, Any]]:
    """Each row with the mRID of its usage point, or with a name when the network has none."""
    for row in rows:
        point = None
        for name in filter(None, (row.point, row.meter)):
            point = point or network.usage_point_of(name)
        yield point or row.meter or row.point, point is not None, row


def _latest(one: Heard, other: Heard | None) -> Heard:
    return one if other is None or one.at > other.at else other


def _earliest(one: Heard, other: Heard | None) -> Heard:
    """The earlier time, with the earlier arrival of the two."""
    if other is None:
        return one
    return Heard(min(one.at, other.at), min(one.arrived_at, other.arrived_at))
