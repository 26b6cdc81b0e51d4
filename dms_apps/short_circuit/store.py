"""The tables of the short-circuit app, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from dms_apps.short_circuit.tables import device, level
from dms_apps.solver.fault_levels import Levels


@dataclass(frozen=True)
class Level:
    """Fault currents of one kind at one node, amperes.

    x_r: None where there is no resistance.
    """

    node: str
    kind: str
    highest: float
    x_r: float | None
    lowest: float


def levels(highest: Levels, lowest: Levels) -> tuple[Level, ...]:
    """By node and kind; both are of the same faults, row by row."""
    most: dict[tuple[int, str], int] = {}
    least: dict[tuple[int, str], int] = {}
    high, low = highest.highest.tolist(), lowest.highest.tolist()
    for row, key in enumerate(zip(highest.node.tolist(), highest.kinds, strict=True)):
        if key not in most or high[row] > high[most[key]]:
            most[key] = row
        if key not in least or low[row] < low[least[key]]:
            least[key] = row
    x_r = highest.x_r.tolist()
    return tuple(
        Level(
            highest.nodes[node], kind, high[row], x_r[row] if np.isfinite(x_r[row]) else None,
            low[least[node, kind]],
        )
        for (node, kind), row in most.items()
    )  # fmt: skip


def keep_levels(connection: sa.Connection, found: Iterable[Level], at: datetime) -> None:
    """In the place of those known before."""
    connection.execute(sa.delete(level))
    rows = [vars(one) | {"at": at} for one in found]
    if rows:
        connection.execute(sa.insert(level), rows)


def known_levels(connection: sa.Connection) -> tuple[tuple[Level, ...], datetime | None]:
    """Those kept last, and of when they are; None before the first."""
    rows = connection.execute(sa.select(level)).mappings().all()
    found = tuple(Level(**{name: row[name] for name in row if name != "at"}) for row in rows)
    return found, rows[0]["at"] if rows else None


def devices(connection: sa.Connection) -> dict[str, tuple[float, float | None]]:
    """Highest and lowest amperes through each device, as told last."""
    rows = connection.execute(sa.select(device)).mappings()
    return {row["mrid"]: (row["highest"], row["lowest"]) for row in rows}


def keep_devices(
    connection: sa.Connection, found: Mapping[str, tuple[float, float | None]], at: datetime
) -> None:
    """Write down what is told now."""
    for mrid in found:
        connection.execute(sa.delete(device).where(device.c.mrid == mrid))
    rows = [{"mrid": m, "highest": h, "lowest": low, "at": at} for m, (h, low) in found.items()]
    if rows:
        connection.execute(sa.insert(device), rows)
