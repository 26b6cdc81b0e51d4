"""What the app shows beside messages: estimates with their reasons, and how good they were."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from cim.network import Network
from dms_apps.restoration_times import store
from dms_apps.restoration_times.estimates import Estimate
from dms_apps.restoration_times.store import Row
from hub.report import Cell, Column, Offer, Parameter, Report, Unanswerable

EXPECTED, ACCURACY = "expected", "accuracy"
_DIGITS = 5  # of days that can be asked for
_DAYS = Parameter("days", "How many days back; 365 when left out.")
_NOUNS = frozenset({"UnplannedOutages"})
OFFERS = (
    Offer(EXPECTED, "When each open outage is expected to be over, and why.", (), _NOUNS),
    Offer(ACCURACY, "How good the times were that were told, by zone and by who told them.",
          (_DAYS,), _NOUNS),
)  # fmt: skip


def expected(
    outages: Sequence[Row], found: Mapping[str, Estimate], network: Network, now: datetime
) -> Report:
    """The most urgent first."""
    columns = (
        Column("outage"), Column("zone"), Column("device"), Column("customers"), Column("critical"),
        Column("crew"), Column("told"), Column("by"), Column("estimate"), Column("from"),
        Column("why"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for row in outages:
        one = found[row.mrid]
        zone = _name(network, row.zone)
        rows.append(
            (row.mrid, zone, row.kind, row.customers, row.critical, row.stage, row.ert,
             row.ert_source, one.at, one.source, one.why)
        )  # fmt: skip
    return Report(title="Expected restoration", at=now, columns=columns, rows=rows)


def accuracy(connection: sa.Connection, asked: Mapping[str, str], now: datetime) -> Report:
    """Shares of outages that were over by the time told; and minutes by which it was missed.

    A time was met when supply was back by then.  Late is positive.
    """
    text = asked.get("days", "365")
    if not text.isdecimal() or len(text) > _DIGITS or not int(text):
        raise Unanswerable("is no whole number of days above 0 and below 100,000", "days")
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in store.over(connection, now - timedelta(days=int(text))):
        for zone in ("all", row.zone):
            groups[zone, row.first_source].append(row)
            groups[zone, "all"].append(row)
    columns = (
        Column("zone"), Column("first told by"), Column("outages"), Column("first met", "%"),
        Column("last met", "%"), Column("median lateness of the first", "min"),
        Column("median lateness of the last", "min"), Column("90 % within", "min"),
    )  # fmt: skip
    rows = [_row(zone, source, groups[zone, source]) for zone, source in sorted(groups)]
    return Report(title="Accuracy of restoration times", at=now, columns=columns, rows=rows)


def _row(zone: str, source: str, rows: Sequence[Row]) -> tuple[Cell, ...]:
    first = sorted((row.ended_at - row.first_ert).total_seconds() / 60 for row in rows)
    last = [(row.ended_at - row.ert).total_seconds() / 60 for row in rows]
    off = sorted(map(abs, last))
    return (
        zone, source, len(rows), _met(first), _met(last), statistics.median(first),
        statistics.median(last), off[min(int(0.9 * len(off)), len(off) - 1)],
    )  # fmt: skip


def _met(late: Sequence[float]) -> float:
    return 100 * sum(one <= 0 for one in late) / len(late)


def _name(network: Network, zone: str) -> str:
    return network.name(zone) if network.knows(zone) else zone
