"""The tables of the state estimation, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from cim.electrical.ports import ordered
from dms_apps.solver.sensors import Sensor, Value
from dms_apps.state_estimation import tables


def keep_values(connection: sa.Connection, told: Mapping[Sensor, Value]) -> None:
    """Write down sensors and what they show; what is older than what is known is passed over.

    Of a value of which only the quality is told the value known before is kept.
    """
    for sensor, value in told.items():
        own = tables.sensor.c.mrid == sensor.mrid
        before = connection.execute(sa.select(tables.sensor).where(own)).mappings().first()
        if before and value.at and before["at"] and value.at < before["at"]:
            continue
        if before and value.value is None:
            value = replace(value, value=before["value"], at=before["at"])
        connection.execute(sa.delete(tables.sensor).where(own))
        connection.execute(sa.insert(tables.sensor), [_row(sensor, value)])


def _row(sensor: Sensor, value: Value) -> dict[str, object]:
    terminal, equipment = (*sensor.at, "", "")[:2]
    return {
        "mrid": sensor.mrid,
        "name": sensor.name,
        "quantity": sensor.quantity,
        "terminal": terminal,
        "equipment": equipment,
        "phases": "".join(sensor.phases),
        "factor": sensor.factor,
        "error": sensor.error,
        "to_earth": sensor.to_earth,
        "value": value.value,
        "at": value.at,
        "doubtful": value.doubtful,
        "invalid": value.invalid,
    }


def values(connection: sa.Connection) -> dict[str, tuple[Sensor, Value]]:
    """By mRID, or name, of the sensor."""
    rows = connection.execute(sa.select(tables.sensor).order_by(tables.sensor.c.mrid)).mappings()
    return {
        row["mrid"]: (
            Sensor(
                row["mrid"],
                row["name"],
                row["quantity"],
                tuple(one for one in (row["terminal"], row["equipment"]) if one),
                ordered(row["phases"]),
                row["factor"],
                row["error"],
                to_earth=row["to_earth"],
            ),
            Value(row["value"], row["at"], row["doubtful"], row["invalid"]),
        )
        for row in rows
    }


def bad(connection: sa.Connection) -> dict[str, datetime]:
    """Measurements that were bad in the last estimate, and since when."""
    rows = connection.execute(sa.select(tables.bad)).mappings()
    return {row["mrid"]: row["since"] for row in rows}


def keep_bad(connection: sa.Connection, begun: Iterable[str], over: Iterable[str], now: datetime
) -> None:  # fmt: skip
    """Write down what is bad from now on, and forget what is so no longer."""
    for mrid in over:
        connection.execute(sa.delete(tables.bad).where(tables.bad.c.mrid == mrid))
    rows = [{"mrid": mrid, "since": now} for mrid in begun]
    if rows:
        connection.execute(sa.insert(tables.bad), rows)


def bellwethers_at(connection: sa.Connection) -> datetime | None:
    """When meters were asked last."""
    found: datetime | None = connection.execute(sa.select(tables.done.c.bellwethers_at)).scalar()
    return found


def keep_bellwethers_at(connection: sa.Connection, now: datetime) -> None:
    """Write down that they are asked now."""
    connection.execute(sa.delete(tables.done))
    connection.execute(sa.insert(tables.done), [{"one": 1, "bellwethers_at": now}])
