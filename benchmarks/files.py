"""The native files of all systems of a demo utility, until each of their records is stored, beside
the floor: the raw reader of the format, csv or lxml, and one insert a batch of the same bytes.

Those of GIS and CIS, of which a whole file makes one message, are in `layers` and `customers`;
files long enough that nothing waits in memory are in `feeds`.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from lxml import etree

from adapters.erp import native as erp
from adapters.scada import native as scada
from adapters.weather import native as weather
from benchmarks import Figures, Row, by_turns, feeders, rate, settled
from benchmarks.feeds import BATCH, sqlite
from dms_apps.simulator.demo import SEED
from dms_apps.simulator.native.day import Day
from dms_apps.simulator.native.files import Estate, NativeFile, estate, write
from dms_apps.simulator.utility import Utility
from hub.config import load
from hub.dispatch import Hub
from hub.journal import feed_files
from hub.main import components
from hub.parts import File, parts

_RUNS = 3
_LONG = 5_000  # records
_METERED = 2_000  # customers with readings
_AT = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
_FEW = 200  # records; a file of fewer is no measurement
_WHOLE = ("gis", "cis")
_ROOT = Path(__file__).parents[1]
_IS = {".csv": "csv + one insert a batch", ".xml": "lxml + one insert a batch"}
_bytes = sa.Table("bench_bytes", sa.MetaData(), sa.Column("raw", sa.LargeBinary, nullable=False))


def rows() -> list[Row]:
    settled()
    day = Day(Utility.build("ieee9500", feeders.ieee9500().read_bytes(), SEED), _AT, _METERED)
    found = estate(day)
    with _adapters(found) as adapters:
        files = [*(file for file in found.files if file.adapter not in _WHOLE), *_longer(day)]
        return [row for file in files for row in _measured(file, adapters[file.adapter])]


def _longer(day: Day) -> Iterator[NativeFile]:
    """Of what a day has little of, many days."""
    for adapter, name, write_rows, given in (
        ("weather", "weather.csv", weather.write, day.weather()),
        ("scada", "positions.csv", scada.write, day.values()),
    ):
        found = [row for row in given if row["time"]]
        days = range(-(-_LONG // len(found)))
        yield NativeFile(adapter, name, write_rows(_on(row, n) for n in days for row in found))
    orders = [*day.orders()]
    many = ({**orders[n % len(orders)], "wonum": f"WO-{n:06}"} for n in range(_LONG))
    yield NativeFile("erp", "work-orders.xml", erp.write(many))


def _on(row: Mapping[str, str], days: int) -> dict[str, str]:
    """The same, so many days earlier."""
    times = {name: row[name] for name in ("time", "made") if row.get(name)}
    earlier = {n: datetime.fromisoformat(at) - timedelta(days=days) for n, at in times.items()}
    return {**row, **{name: at.isoformat() for name, at in earlier.items()}}


@contextmanager
def _adapters(found: Estate) -> Iterator[dict[str, Any]]:
    """With the settings for these files."""
    with tempfile.TemporaryDirectory(prefix="gridbus-bench-") as folder:
        out = Path(folder)
        write(out, _ROOT / "config", found)
        config = replace(load(out / "config", {}), data=out / "var")
        yield dict(components.adapters(config, {}))


def _measured(file: NativeFile, adapter: Any) -> Iterator[Row]:
    records = adapter.records(file.name, file.data)
    if len(records) < _FEW:
        return
    raws = [record.raw for record in records]
    ours, floors = by_turns(
        lambda: _stored(file, adapter, len(raws)), lambda: _floor(file, raws), runs=_RUNS
    )
    path = f"{file.adapter}, {file.name}: {len(raws):,} records -> stored"
    yield Row.of(path, "records/s", ours, floors, _IS[Path(file.name).suffix])


def _stored(file: NativeFile, adapter: Any, count: int) -> Figures:
    """Read, translated, checked against the XSD, in the journal."""
    with sqlite() as journal:
        hub = Hub(journal, {})

        def take() -> None:
            records = adapter.records(file.name, file.data)
            whole = File.of(file.name, file.data, 0, len(records))
            for part in parts(whole, records, BATCH):
                hub.take("feed", adapter, part)

        figure = rate(count, take)
        with journal.reading() as connection:
            [found] = feed_files.listed(connection)
        assert (found.done, found.accepted > 0) == (count, True), found
        return (figure,)


def _floor(file: NativeFile, raws: list[bytes]) -> Figures:
    with sqlite() as journal:
        _bytes.create(journal.engine)

        def insert() -> None:
            if file.name.endswith(".xml"):
                etree.fromstring(file.data)  # noqa: TID251 - the floor
            else:
                list(csv.reader(io.StringIO(file.data.decode(), newline="")))
            for start in range(0, len(raws), BATCH):
                rows = [{"raw": raw} for raw in raws[start : start + BATCH]]
                with journal.engine.begin() as connection:
                    connection.execute(sa.insert(_bytes), rows)

        return (rate(len(raws), insert),)
