"""Whether a meter has power: asked of it before a crew goes out for one call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from cim.message import Outgoing, Verb
from cim.network import Network
from cim.profile import Reference
from cim.profiles.end_device_controls import EndDeviceControl, EndDeviceControls
from cim.profiles.identification import Name, UsagePoint
from dms_apps.outage.episodes import PREDICTED, Episode
from dms_apps.outage.facts import MUTE
from dms_apps.outage.tables import ping as table
from dms_apps.outage.tables import signal

_MANY = 999  # values in one statement, with one more
_NEVER = datetime.min.replace(tzinfo=UTC)
_LAST = sa.func.max(signal.c.arrived_at).label("last")
_WHY = "A customer reports no power; nobody else does."


def pings(
    connection: sa.Connection,
    network: Network,
    episodes: Iterable[Episode],
    sent: Mapping[str, datetime],
    code: str,
    again: timedelta,
    now: datetime,
) -> list[Outgoing]:
    """The request to ask the meters of services that nobody but a caller says anything of.

    sent:  whom outages are about for which a crew may go, and since when: their meters are asked
           when they were not for it, as where no meter was until now.
    code:  EndDeviceControlType of a ping, as the head-end and the AMI adapter have it.
    again: none is asked so soon a second time, and none twice for one outage.
    """
    since = {
        point: sent[point] - again if point in sent else episode.arrived_at
        for episode in episodes
        if _is_doubtful(episode)
        for point in (episode.dark.keys() & sent.keys() or episode.dark)
        if network.knows(point)
    }
    asked = _asked_at(connection, since)
    wanted = [point for point in since if point not in asked or asked[point] < since[point]]
    return ask(connection, network, wanted, code, again, now, _WHY)


def asked(
    connection: sa.Connection, episodes: Iterable[Episode], wait: timedelta, now: datetime
) -> Iterator[tuple[Episode, datetime]]:
    """Of whom the meter was asked and has not answered, and until when it is waited for.

    Not of outages of which a person has said something, not for longer than `wait`, and not once
    it is told that a meter cannot be reached.
    """
    doubtful = [one for one in episodes if _is_doubtful(one) and not one.outage]
    at = _asked_at(connection, {point for one in doubtful for point in one.dark})
    mute = _mute_at(connection, at)
    at = {point: asked for point, asked in at.items() if mute.get(point, _NEVER) < asked}
    for one in doubtful:
        until = [at[p] + wait for p in one.dark if p in at and at[p] >= one.arrived_at]
        if until and max(until) > now:
            yield one, max(until)


def _asked_at(connection: sa.Connection, points: Collection[str]) -> dict[str, datetime]:
    """When meters were last asked, of the usage points of which they were."""
    found: dict[str, datetime] = {}
    every = sorted(points)
    for start in range(0, len(every), _MANY):
        some = table.c.point.in_(every[start : start + _MANY])
        query = sa.select(table.c.point, table.c.asked_at).where(some)
        found |= {row.point: row.asked_at for row in connection.execute(query)}
    return found


def _mute_at(connection: sa.Connection, points: Collection[str]) -> dict[str, datetime]:
    """When it was told last that their meters could not be reached, of those of which it was."""
    found: dict[str, datetime] = {}
    every = sorted(points)
    for start in range(0, len(every), _MANY):
        some = (signal.c.point.in_(every[start : start + _MANY]), signal.c.kind == MUTE)
        query = sa.select(signal.c.point, _LAST).where(*some)
        found |= {row.point: row.last for row in connection.execute(query.group_by(signal.c.point))}
    return found


def ask(
    connection: sa.Connection,
    network: Network,
    wanted: Iterable[str],
    code: str,
    again: timedelta,
    now: datetime,
    why: str,
) -> list[Outgoing]:
    """The request to ask the meters of usage points, but those that were asked just before."""
    wanted = sorted(set(wanted))
    before = _asked_at(connection, wanted)
    points = [point for point in wanted if point not in before or before[point] <= now - again]
    if not points:
        return []
    old = sa.delete(table).where(table.c.point == sa.bindparam("this"))
    if known := [{"this": point} for point in points if point in before]:
        connection.execute(old, known)
    connection.execute(sa.insert(table), [{"point": p, "asked_at": now} for p in points])
    control = EndDeviceControl(
        reason=why,
        end_device_control_type=Reference(code),
        usage_points=tuple(_named(point, network) for point in points),
    )
    return [Outgoing(Verb.CREATE, EndDeviceControls(end_device_control=(control,)))]


def _is_doubtful(episode: Episode) -> bool:
    return (
        episode.state == PREDICTED
        and episode.device is None
        and episode.placed
        and not episode.by_meter
    )


def _named(point: str, network: Network) -> UsagePoint:
    name = network.name(point)
    return UsagePoint(mrid=point, names=(Name(name=name),) if name else ())
