"""How many customers are served is kept from day to day, so that it is known of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage.reliability.connected import Connected
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.served import Supply
from dms_apps.outage.reliability.tables import served as table


class Recorder:
    """Records when the models have changed, or the feeders on a new day.

    What it keeps is a cache: only what it has read is known to be written.
    """

    def __init__(self, by: Conventions) -> None:
        self._by = by
        self._zone = ZoneInfo(by.zone)
        self._made: tuple[object, Sequence[Supply]] | None = None
        self._found: tuple[date, object] | None = None

    def prepare(self, network: Network) -> None:
        """Work out what a network that is new serves."""
        if network.version and (self._made is None or self._made[0] is not network.models):
            self._made = network.models, supplies(Connected.of(network), self._by.regions)

    def record(self, connection: sa.Connection, network: Network, now: datetime) -> None:
        """Write what has changed since it was last written."""
        day = now.astimezone(self._zone).date()
        found = self._found
        is_known = found is not None and found[0] == day and found[1] is network.models
        if not network.version or is_known:
            return
        self.prepare(network)
        assert self._made is not None  # noqa: S101 - just prepared
        if not write(connection, day, self._made[1]):
            self._found = day, network.models


def supplies(connected: Connected, regions: Mapping[str, str]) -> list[Supply]:
    """What each feeder serves now; the day is for `write` to say."""
    numbers: dict[str, int] = {}
    every = (numbers.setdefault(feeder, len(numbers)) for feeder in connected.feeders)
    place = np.fromiter(every, np.int64, len(connected.feeders))
    names = tuple(numbers)
    customers = np.bincount(place, minlength=len(names))
    va, unknown = np.zeros(len(names), np.int64), np.zeros(len(names), np.bool_)
    np.add.at(va, place, np.maximum(connected.va, 0))
    np.logical_or.at(unknown, place, connected.va < 0)
    return [
        Supply(
            day=date.min,
            customers=int(customers[at]),
            va=None if unknown[at] else int(va[at]),
            feeder=feeder,
            region=connected.region(feeder, regions) if feeder else "",
        )
        for at, feeder in enumerate(names)
    ]


def write(connection: sa.Connection, day: date, now: Sequence[Supply]) -> bool:
    """Add what differs from what holds on a day, whether anything does; a feeder that is not there
    any more serves nothing."""
    before = _held(connection, day)
    after = {one.feeder: (one.region, one.customers, one.va) for one in now}
    gone = {feeder: (held[0], 0, None) for feeder, held in before.items() if held[1]}
    changed = {
        feeder: held for feeder, held in {**gone, **after}.items() if before.get(feeder) != held
    }
    if not changed:
        return False
    named = sorted(changed)
    for first in range(0, len(named), 500):
        of = table.c.feeder.in_(named[first : first + 500])
        connection.execute(sa.delete(table).where(table.c.day == day, of))
    rows = [
        {"day": day, "feeder": feeder, "region": region, "customers": customers, "va": va}
        for feeder, (region, customers, va) in sorted(changed.items())
    ]
    connection.execute(sa.insert(table), rows)
    return True


def _held(connection: sa.Connection, day: date) -> dict[str, tuple[str, int, int | None]]:
    """By feeder what holds on a day."""
    rows = connection.execute(
        sa.select(table.c.feeder, table.c.region, table.c.customers, table.c.va)
        .where(table.c.day <= day)
        .order_by(table.c.day)
    )
    return {feeder: (region, customers, va) for feeder, region, customers, va in rows}


def told(connection: sa.Connection) -> list[Supply]:
    """All that was written."""
    query = sa.select(table).order_by(table.c.day, table.c.feeder)
    return [Supply(**row) for row in connection.execute(query).mappings()]
