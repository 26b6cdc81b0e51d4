"""How many customers are served is kept from day to day, so that it is known of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa

from cim.network import Network
from dms_apps.outage.reliability.connected import Connected
from dms_apps.outage.reliability.conventions import Conventions
from dms_apps.outage.reliability.served import Supply
from dms_apps.outage.reliability.tables import served as table
from dms_apps.outage.reliability.tables import served_of as of


class Recorder:
    """Records what a network serves when its models have changed; where a hub begins with those of
    which it is recorded already, nothing is read.

    What it keeps is a cache: only what it has read from the table is known to be written.
    """

    def __init__(self, by: Conventions) -> None:
        self._by = by
        self._zone = ZoneInfo(by.zone)
        self._wanted: object = None
        self._made: tuple[object, Sequence[Supply]] | None = None
        self._found: object = None

    def prepare(self, network: Network) -> None:
        """Work out what is to be recorded of a network, if it is."""
        if self._wanted is network.models and not self._is_made(network):
            made = supplies(Connected.of(network), self._by.regions)
            self._made = network.models, made

    def record(self, connection: sa.Connection, network: Network, now: datetime) -> bool:
        """Write what has changed, and return whether that is done: what takes long is left to
        `prepare`, unless it was not called in between."""
        models = network.models
        if not network.version or self._found is models:
            return True
        if self._found is None and _digest(connection) == _digest_of(network):
            self._found = models
            return True
        if self._wanted is not models:
            self._wanted = models
            return False
        self.prepare(network)
        assert self._made is not None  # noqa: S101 - just prepared
        is_new = write(connection, now.astimezone(self._zone).date(), self._made[1])
        if not is_new and _digest(connection) == _digest_of(network):
            self._found, self._made, self._wanted = models, None, None
        else:
            _keep(connection, _digest_of(network))
        return True

    def _is_made(self, network: Network) -> bool:
        return self._made is not None and self._made[0] is network.models


def _digest_of(network: Network) -> str:
    return sha256("\n".join(sorted(network.version)).encode()).hexdigest()


def _digest(connection: sa.Connection) -> str | None:
    return connection.scalar(sa.select(of.c.models))


def _keep(connection: sa.Connection, digest: str) -> None:
    if not connection.execute(sa.update(of).values(models=digest)).rowcount:
        connection.execute(sa.insert(of).values(id=1, models=digest))


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
        some = table.c.feeder.in_(named[first : first + 500])
        connection.execute(sa.delete(table).where(table.c.day == day, some))
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
