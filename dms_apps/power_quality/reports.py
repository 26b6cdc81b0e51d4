"""What the power quality app shows beside messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from cim.network import Network
from dms_apps import plots
from dms_apps.power_quality import store
from dms_apps.power_quality.disturbances import INTERRUPTION, SAG, SWELL, counted
from dms_apps.power_quality.indices import Values
from dms_apps.power_quality.limits import Limit, Verdict, judged
from hub.report import Cell, Column, Draw, Offer, Parameter, Report, Unanswerable

_DAYS = Parameter("days", "How many days up to the last one that is read; 7 when left out.")
_NOUNS = frozenset({"MeterReadings"})
_EVENTS = frozenset({"EndDeviceEvents"})
OFFERS = (
    Offer("indices", "Voltage, unbalance, harmonics and flicker: percentiles by place.", (_DAYS,),
          _NOUNS),
    Offer("compliance", "Every limit at every place: how many values keep it.", (), _NOUNS),
    Offer("classes", "Sags, swells and interruptions by size and length (EN 50160).", (_DAYS,),
          _EVENTS),
    Offer("disturbances", "Sags, swells and interruptions one by one.", (_DAYS,), _EVENTS),
)  # fmt: skip


def span(asked: Mapping[str, str]) -> int:
    """Days asked for.  Raises: Unanswerable."""
    text = asked.get("days", "7")
    if not text.isdecimal() or not 0 < int(text) < 4000:
        raise Unanswerable("is no whole number of days above 0", "days")
    return int(text)


def indices(
    connection: sa.Connection, network: Network, last: date, days: int, remarks: Sequence[str]
) -> Report:
    """Percentiles of all quantities."""
    rows: list[tuple[Cell, ...]] = []
    known = store.days(connection, last - timedelta(days=days - 1), last)
    for (place, quantity, phase), (nominal, by_day) in known.items():
        values = Values.together(by_day.values())
        rows.append(
            (_name(network, place), place, phase, quantity, nominal, len(values),
             *(values.percentile(percent) for percent in (0, 5, 50, 95, 99, 100)))
        )  # fmt: skip
    return Report(
        title="Voltage quality",
        columns=(
            Column("place"), Column("mRID"), Column("phase"), Column("quantity"),
            Column("nominal", "V"), Column("values"), Column("lowest"), Column("5th percentile"),
            Column("median"), Column("95th percentile"), Column("99th percentile"),
            Column("highest"),
        ),
        rows=rows,
        remarks=("All but flicker is in per cent; voltage of nominal.", *remarks),
    )  # fmt: skip


def verdicts(
    connection: sa.Connection, last: date, limits: Sequence[Limit]
) -> list[tuple[str, str, Verdict]]:
    """Place, phase and verdict, of all limits that hold for a place."""
    longest = max((limit.days for limit in limits), default=1)
    known = store.days(connection, last - timedelta(days=longest - 1), last)
    found = []
    for (place, quantity, phase), (nominal, by_day) in known.items():
        for limit in limits:
            if limit.quantity == quantity and limit.holds_for(nominal):
                first = last - timedelta(days=limit.days - 1)
                values = Values.together(v for day, v in by_day.items() if day >= first)
                per_day = 12 if quantity == "plt" else 144
                found.append((place, phase, judged(limit, values, per_day)))
    return found


def compliance(
    connection: sa.Connection, network: Network, last: date, limits: Sequence[Limit],
    remarks: Sequence[str],
) -> Report:  # fmt: skip
    """Every limit at every place, what is not kept first."""
    found = sorted(verdicts(connection, last, limits), key=lambda one: one[2].is_kept)
    return Report(
        title="Limits of voltage quality",
        columns=(
            Column("place"), Column("mRID"), Column("phase"), Column("limit"), Column("is kept"),
            Column("within", "%"), Column("must be", "%"), Column("values"),
            Column("coverage", "%"),
        ),
        rows=[
            (_name(network, place), place, phase, one.limit.name, "yes" if one.is_kept else "no",
             one.share, one.limit.share, one.count, one.coverage)
            for place, phase, one in found
        ],
        remarks=tuple(remarks),
    )  # fmt: skip


def classes(connection: sa.Connection, now: datetime, days: int) -> Report:
    """The table of EN 50160."""
    found = store.disturbances(connection, now - timedelta(days=days), now)
    rows = [
        (kind, size, length, count)
        for kind in (SAG, SWELL, INTERRUPTION)
        for size, length, count in counted(found, kind)
    ]
    return Report(
        title="Disturbances by class",
        columns=(Column("kind"), Column("voltage"), Column("length"), Column("count")),
        rows=rows,
        draw=_heat(rows),
    )


def _heat(rows: Sequence[tuple[str, str, str, int]]) -> Draw:
    """How many there were, class by class."""
    counts = {(f"{kind} {size}", length): float(count) for kind, size, length, count in rows}
    sizes, lengths = (tuple(dict.fromkeys(key[i] for key in counts)) for i in (0, 1))
    values = [[counts.get((size, length), float("nan")) for length in lengths] for size in sizes]
    heat = plots.Heat(sizes, lengths, values, "disturbances")
    return partial(plots.heat_table, heat, title="Disturbances by class")


def disturbances(connection: sa.Connection, network: Network, now: datetime, days: int) -> Report:
    """One by one."""
    words = {True: "yes", False: "no", None: ""}
    return Report(
        title="Disturbances",
        columns=(
            Column("place"), Column("mRID"), Column("at"), Column("kind"),
            Column("voltage", "%"), Column("length", "s"), Column("class of voltage"),
            Column("class of length"), Column("within the ITIC curve"),
        ),
        rows=[
            (_name(network, one.place), one.place, one.at, one.kind, one.residual, one.seconds,
             one.size, one.length, words[one.is_tolerated])
            for one in store.disturbances(connection, now - timedelta(days=days), now)
        ],
    )  # fmt: skip


def _name(network: Network, mrid: str) -> str:
    return network.name(mrid) if network.knows(mrid) else ""
