"""What the losses app shows beside messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version

import sqlalchemy as sa

from cim.network import Network
from dms_apps import plots
from dms_apps.losses import store
from dms_apps.losses.feeders import Energy
from dms_apps.losses.split import factor
from hub.report import Cell, Column, Draw, Offer, Parameter, Report, Unanswerable

_DAYS = Parameter("days", "How many days up to now; 7 when left out.")
_BY = Parameter("by", "The time of a row; all together when left out. Hours are drawn, too.",
                choices=("hour", "day", "all"))  # fmt: skip
_DRAWN = 6
"""Feeders in a drawing."""
OFFERS = (
    Offer("devices", "What is lost in every device now, phase by phase."),
    Offer("transformers", "What every transformer loses now, with and without load."),
    Offer("feeders", "Energy lost by feeder over time, with loss and load factor.", (_DAYS, _BY)),
)


def _computed() -> tuple[str, ...]:
    """By what."""
    by = f"gridbus nodal {version('gridbus')}"
    return (f"From states that others have told, each solved again by {by}.",)


def devices(connection: sa.Connection, network: Network, now: datetime) -> Report:
    """Every device."""
    return Report(
        title="Losses of devices",
        at=now,
        columns=(
            Column("device"), Column("mRID"), Column("kind"), Column("feeder"), Column("phase"),
            Column("losses", "W"),
        ),
        rows=[
            (_name(network, one.device), one.device, one.kind, _name(network, feeder) or feeder,
             one.phase, one.watts)
            for one, feeder in store.devices(connection)
        ],
        remarks=_computed(),
    )  # fmt: skip


def transformers(connection: sa.Connection, network: Network, now: datetime) -> Report:
    """Every transformer."""
    return Report(
        title="Losses of transformers",
        at=now,
        columns=(
            Column("transformer"), Column("mRID"), Column("feeder"), Column("no-load", "W"),
            Column("load", "W"), Column("losses", "W"),
        ),
        rows=[
            (_name(network, one.device), one.device, _name(network, feeder) or feeder,
             one.no_load, one.watts - one.no_load, one.watts)
            for one, feeder in store.devices(connection, "transformer")
        ],
        remarks=_computed(),
    )  # fmt: skip


def feeders(
    connection: sa.Connection, network: Network, now: datetime, asked: Mapping[str, str]
) -> Report:
    """By feeder and hour, day (UTC), or all together.  Raises: Unanswerable."""
    start = now - timedelta(days=_days(asked.get("days", "7")))
    by = asked.get("by", "all")
    sums: dict[tuple[str, datetime], Energy] = {}
    for feeder, hour, more in store.energies(connection, start, now + timedelta(hours=1)):
        at = hour if by == "hour" else _day(hour) if by == "day" else start
        sums[feeder, at] = sums.get((feeder, at), Energy()).with_more(more)
    return Report(
        title="Losses of feeders",
        columns=(
            Column("feeder"), Column("mRID"), Column("from"), Column("known", "h"),
            Column("drawn", "kWh"), Column("lost", "kWh"), Column("in lines", "kWh"),
            Column("in cores", "kWh"), Column("in transformers by load", "kWh"),
            Column("share", "%"), Column("peak", "kW"), Column("loss factor"),
            Column("load factor"),
        ),
        rows=[
            (_name(network, feeder), feeder, at, *_cells(one))
            for (feeder, at), one in sorted(sums.items())
        ],
        draw=_curves(sums, network) if by == "hour" else None,
        remarks=("Share is what is lost of what is lost and drawn.", *_computed()),
    )  # fmt: skip


def _curves(sums: Mapping[tuple[str, datetime], Energy], network: Network) -> Draw:
    """What is lost over time, feeder by feeder; those that lose most."""
    lost: dict[str, dict[datetime, float]] = {}
    for (feeder, at), one in sorted(sums.items()):
        lost.setdefault(feeder, {})[at] = one.lost / 1e3
    most = sorted(lost, key=lambda feeder: -sum(lost[feeder].values()))[:_DRAWN]
    curves = [
        plots.Curve(_name(network, feeder) or feeder, list(lost[feeder]), [*lost[feeder].values()])
        for feeder in most
    ]
    return partial(plots.load_curve, curves, title="Losses of feeders", quantity="losses")


def _cells(one: Energy) -> tuple[Cell, ...]:
    whole = one.lost + one.drawn
    hours = one.hours or float("nan")
    return (
        one.hours, one.drawn / 1e3, one.lost / 1e3, one.lines / 1e3, one.no_load / 1e3,
        one.load / 1e3, 100 * one.lost / whole if whole else None, one.peak / 1e3,
        factor(one.lost / hours, one.peak), factor(one.drawn / hours, one.most),
    )  # fmt: skip


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _days(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 10_000:
        raise Unanswerable("is no number of days above 0", "days")
    return found


def _name(network: Network, mrid: str) -> str:
    return network.name(mrid) if network.knows(mrid) else ""
