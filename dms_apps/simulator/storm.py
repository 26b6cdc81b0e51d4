"""What a head-end hears when a device opens and when it is closed again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dms_apps.simulator.utility import Customer

LOST, RESTORED = ("3.26.0.85", "PowerOutage"), ("3.26.0.216", "PowerRestore")
DELIVERY = 0.9  # share of the last gasps that get through
LATE = 0.05  # share of those that come with the second file
TWICE = 0.03  # share of those that a mesh network delivers again

Row = dict[str, str]


@dataclass(frozen=True)
class Storm:
    """An opened device as the head-end reports it.

    prompt, late: the rows of two files in order of reception; duplicates are among them.
    malformed:    the meter whose row, in the first file, cannot be read.
    dead:         who truly has no power; `heard` whose last gasp can be read.
    """

    device: str
    prompt: tuple[Row, ...]
    late: tuple[Row, ...]
    malformed: str
    dead: tuple[Customer, ...]
    heard: tuple[Customer, ...]


def gasps(device: str, dead: Sequence[Customer], at: datetime, random: Random) -> Storm:
    """The last gasps of `dead` from the moment `at`.  Raises: ValueError when nobody is."""
    if not dead:
        raise ValueError(f"Nobody loses power by opening {device}.")
    count = max(1, round(len(dead) * DELIVERY))
    heard = sorted(random.sample(list(dead), count), key=lambda c: c.meter)
    rows = [_row(customer, at, LOST, random, spread=25.0) for customer in heard]
    late = {row["meter_number"] for row in rows if random.random() < LATE}
    again = [_again(row, random) for row in rows if random.random() < TWICE]
    again = again or [_again(rows[0], random)]
    first = [row for row in rows if row["meter_number"] not in late]
    second = [row for row in rows if row["meter_number"] in late]
    broken = random.choice(list(dead))
    first += [*again, _row(broken, at, LOST, random, spread=25.0) | {"event_time": "20.11. 25:61"}]
    return Storm(
        device=device,
        prompt=_received(first),
        late=_received(second),
        malformed=broken.meter,
        dead=tuple(dead),
        heard=tuple(heard),
    )


def restorations(dead: Iterable[Customer], at: datetime, random: Random) -> list[Row]:
    """Power restored at every meter, within half a minute."""
    return list(_received([_row(c, at, RESTORED, random, spread=30.0) for c in dead]))


def _row(
    customer: Customer, at: datetime, what: tuple[str, str], random: Random, *, spread: float
) -> Row:
    happened = at + timedelta(seconds=round(random.uniform(0.0, spread), 1))
    received = happened + timedelta(seconds=round(random.expovariate(1 / 8), 1))
    return {
        "meter_number": customer.meter,
        "event_time": _time(happened),
        "received_time": _time(received),
        "event_code": what[0],
        "event_name": what[1],
        "endpoint_id": customer.endpoint,
    }


def _again(row: Row, random: Random) -> Row:
    received = datetime.fromisoformat(row["received_time"])
    return row | {"received_time": _time(received + timedelta(seconds=random.randrange(1, 20)))}


def _received(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row["received_time"], row["meter_number"])))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
