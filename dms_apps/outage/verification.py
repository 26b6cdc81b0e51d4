"""Whether power is back where a person says so: a few meters are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.message import Outgoing
from cim.network import Network
from dms_apps.outage.episodes import RESTORED
from dms_apps.outage.facts import ALIVE, METER
from dms_apps.outage.facts import RESTORED as BACK
from dms_apps.outage.outages import Outage
from dms_apps.outage.pings import ask
from dms_apps.outage.tables import interruption, signal

_WHY = "An outage is called restored; does the meter have power?"


def verify(
    connection: sa.Connection, outages: Sequence[Outage], sample: int, now: datetime
) -> tuple[list[Outage], list[str]]:
    """Those of the outages called restored that meters have confirmed now, and whom to ask of the
    others.

    sample: how many meters of an outage must say that they have power, or all if there are fewer.
    """
    confirmed, silent = [], []
    for outage in outages:
        if outage.state != RESTORED or outage.verified or not outage.is_open:
            continue
        points = _sample(connection, outage.mrid, sample)
        heard = _heard(connection, points)
        if points and heard >= points.keys():
            confirmed.append(replace(outage, verified=True, modified_at=now))
        silent += [point for point in points if point not in heard]
    return confirmed, silent


def questions(
    connection: sa.Connection, network: Network, points: Sequence[str], code: str,
    again: timedelta, now: datetime,
) -> list[Outgoing]:  # fmt: skip
    """The request to ask meters; see `pings.pings`."""
    known = [point for point in points if network.knows(point)]
    return ask(connection, network, known, code, again, now, _WHY)


def _sample(connection: sa.Connection, mrid: str, size: int) -> dict[str, datetime]:
    """Some of those that were without for an outage -> when power was back; always the same."""
    ended = interruption.c.ended_at
    query = sa.select(interruption.c.point, ended).where(
        interruption.c.outage == mrid, ended.is_not(None)
    )
    rows = connection.execute(query.order_by(interruption.c.point).limit(size))
    return {point: at for point, at in rows if at is not None}


def _heard(connection: sa.Connection, points: dict[str, datetime]) -> set[str]:
    """Whose meter has said since that it has power."""
    said: dict[str, list[datetime]] = defaultdict(list)
    query = sa.select(signal.c.point, signal.c.at).where(
        signal.c.point.in_(points), signal.c.by == METER, signal.c.kind.in_([ALIVE, BACK])
    )
    for point, at in connection.execute(query):
        said[point].append(at)
    return {point for point, times in said.items() if max(times) >= points[point]}
