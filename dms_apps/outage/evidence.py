"""What meters, callers and people in the field say, kept so that the order of arrival does not
matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cim.network import Network
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.times import is_time, zoned
from dms_apps.outage.facts import METER, MUTE, Word
from dms_apps.outage.tables import signal
from hub.inserts import insert_new


def record_meters(
    connection: sa.Connection,
    events: EndDeviceEvents,
    kind_of: Callable[[str], str | None],
    network: Network,
    now: datetime,
) -> set[str]:
    """Keep what the events say, and return the kinds that were news.

    kind_of: EndDeviceEventType -> dark | restored | alive | mute; other events say nothing here:
             None.
    """
    kinds = {
        code: kind_of(code) for code in {e.end_device_event_type for e in events.end_device_event}
    }
    rows = [
        _placed(network, *_who(event))
        | {"at": event.created_date_time, "kind": kind, "by": METER, "live": kind != MUTE}
        for event in events.end_device_event
        if (kind := kinds[event.end_device_event_type])
    ]
    return record(connection, rows, now)


def record(connection: sa.Connection, rows: Iterable[dict[str, Any]], now: datetime) -> set[str]:
    """Keep signals, and return the kinds that were news."""
    usual = {"ref": "", "placed": True, "other": "", "fresh": True, "live": True}
    return {row.kind for row in insert(connection, signal, [usual | row for row in rows], now)}


def counted(at: datetime, now: datetime) -> datetime:
    """The time as which one counts that is said; now, where it is none."""
    return zoned(at) if is_time(at) else now


def insert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], now: datetime
) -> Sequence[sa.Row[Any]]:
    """Add those of the rows that are not there; the keys of what was added."""
    arrived = [{**row, "at": counted(row["at"], now), "arrived_at": now} for row in rows]
    return insert_new(connection, table, arrived, *table.primary_key)


def _who(event: EndDeviceEvent) -> tuple[str, str]:
    """Names of usage point and meter, "" where there is none."""
    meter, point = event.assets, event.usage_point
    return (
        (point.mrid or next(iter(n.name for n in point.names), "")) if point else "",
        next(iter(n.name for n in meter.names), meter.mrid or "") if meter else "",
    )


def _placed(network: Network, *names: str) -> dict[str, Any]:
    """The usage point by whichever of its names the network knows; else as it is called."""
    for name in filter(None, names):
        if (point := network.usage_point_of(name)) is not None:
            return {"point": point, "placed": True, "other": ""}
    called = [name for name in reversed(names) if name]
    return {"point": called[0], "placed": False, "other": called[-1] if len(called) > 1 else ""}


def place_again(connection: sa.Connection, network: Network) -> bool:
    """Find the place of what could not be placed, now that there is another model.

    Returns whether any was found.
    """
    rows = connection.execute(sa.select(signal).where(~signal.c.placed)).mappings().all()
    found = []
    for row in rows:
        placed = _placed(network, row["other"], row["point"])
        if placed["placed"]:
            is_word = row["kind"] != MUTE
            found.append({**row, **placed, "fresh": True, "live": is_word})
            same = (c == row[c.name] for c in signal.primary_key)
            connection.execute(sa.delete(signal).where(*same))
    for one in found:
        insert(connection, signal, [one], one["arrived_at"])
    return bool(found)


def live_words(connection: sa.Connection) -> Iterator[Word]:
    """All that may still change what is believed."""
    query = sa.select(*(signal.c[name] for name in Word._fields)).where(signal.c.live)
    for row in connection.execute(query):
        yield Word(*row)


def take_news(connection: sa.Connection) -> tuple[list[Word], list[str]]:
    """What was not looked at before, and the usage points whose meters could not be reached; from
    now on it was."""
    news = sa.update(signal).where(signal.c.fresh).values(fresh=False)
    found = news.returning(*(signal.c[name] for name in Word._fields))
    words = [Word(*row) for row in connection.execute(found)]
    unreached = [word.point for word in words if word.kind == MUTE]
    return [word for word in words if word.kind != MUTE], unreached


def put_away(connection: sa.Connection, words: Iterable[Word]) -> None:
    """These do not matter any more, unless something late is heard of their neighbours."""
    rows = [{"of_point": word.point, "of_at": word.at} for word in words]
    if rows:
        update = sa.update(signal).where(
            signal.c.point == sa.bindparam("of_point"), signal.c.at == sa.bindparam("of_at")
        )
        connection.execute(update.values(live=False), rows)


def take_up_again(connection: sa.Connection, points: Iterable[str], since: datetime) -> bool:
    """What was put away of these usage points from `since` on matters again.

    Returns whether there was any.
    """
    found = False
    every = list(points)
    for start in range(0, len(every), 1000):
        some = every[start : start + 1000]
        update = sa.update(signal).where(signal.c.point.in_(some), *_put_away(since))
        found |= bool(connection.execute(update.values(live=True).returning(signal.c.at)).all())
    return found


def put_away_points(connection: sa.Connection, since: datetime) -> list[str]:
    """The usage points of which something that was said from `since` on was put away."""
    query = sa.select(signal.c.point).where(*_put_away(since))
    return list(connection.scalars(query.distinct()))


def _put_away(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return ~signal.c.live, signal.c.at >= since, signal.c.kind != MUTE


def forget(connection: sa.Connection, before: datetime) -> None:
    """Drop what was put away and is older."""
    connection.execute(sa.delete(signal).where(~signal.c.live, signal.c.at < before))
