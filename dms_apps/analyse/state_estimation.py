"""`gridbus analyse state-estimation`."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cim.electrical.ports import ordered
from dms_apps.analyse.network import live, operated
from dms_apps.analyse.told import Told, tell
from dms_apps.solver import tables
from dms_apps.solver.sensors import POSITIONS, UNITS, Sensor, Value
from dms_apps.state_estimation import shown
from dms_apps.state_estimation.estimation import How, estimated
from dms_apps.state_estimation.live import Meters
from dms_apps.state_estimation.measurements import Accuracy
from hub.config import Config

_PER_CENT = 0.01


def analyse(config: Config, options: argparse.Namespace) -> int:
    """1 where nothing could be estimated, or a measured value is bad."""
    network = operated(config, options)
    now = options.at or datetime.now(UTC)
    found = live(config, options, network=network)
    meters = Meters()
    known = meters.sensors(network, {})
    told = {} if options.measured is None else dict(measured(options.measured, known))
    said = meters.telemetry(network, told, now)
    state = estimated(found.layout, found.given, said, _how(options))
    remarks = tuple(dict.fromkeys((*state.solution.remarks, *found.remarks)))
    if not state.solution.converged:
        tell(Told({"converged": False}, {}, remarks), options)
        return 1
    summary = shown.summary(state)
    found_tables = {
        "voltages": shown.voltages(state, found.given),
        "flows": tables.flows(state.solution),
        "measurements": shown.measurements(state),
    }
    tell(Told(summary, found_tables, remarks), options)
    return int(bool(summary["bad"]))


def _how(options: argparse.Namespace) -> How:
    accuracy = Accuracy(
        volts=options.volts, amperes=options.amperes, power=options.power, load=options.load
    )
    return How(
        method=options.method,
        limit=options.limit,
        stale=timedelta(minutes=options.stale),
        accuracy=accuracy,
    )


def measured(path: Path, known: dict[str, Sensor]) -> Iterator[tuple[str, tuple[Sensor, Value]]]:
    """Sensors and values of a file.

    known: sensors of the models, by mRID.
    Raises: ValueError, which names the line, the column and the rule.
    """
    by_name = {one.name: one for one in known.values()} | known
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        for needed in ("measurement", "value"):
            if needed not in (rows.fieldnames or ()):
                raise ValueError(f"{path}: there is no column {needed}")
        for row in rows:
            where = f"{path} line {rows.line_num}"
            name = (row["measurement"] or "").strip()
            sensor = by_name.get(name) if not row.get("at") else _sensor(row, name, where)
            if sensor is None:
                rule = "no model has it, so the columns at and quantity must say what it is"
                raise ValueError(f"{where}: measurement {name!r}: {rule}")
            yield sensor.mrid, (sensor, Value(_number(row, "value", where)))


def _sensor(row: dict[str, str], name: str, where: str) -> Sensor:
    said = (row.get("quantity") or "").strip()
    allowed = (*UNITS, *POSITIONS)
    quantity = next((one for one in allowed if one == said), None)
    if quantity is None:
        raise ValueError(f"{where}: quantity {said!r} must be one of {', '.join(allowed)}")
    error = _number(row, "error", where) * _PER_CENT if row.get("error") else None
    phases = ordered((row.get("phases") or "").strip())
    return Sensor(name, name, quantity, (row["at"].strip(),), phases, error=error)


def _number(row: dict[str, str], column: str, where: str) -> float:
    try:
        return float(row[column] or "")
    except ValueError:
        raise ValueError(f"{where}: {column} {row[column]!r} must be a number") from None
