"""A CIS's file of service points: rows a second, beside Python's own reader of the same bytes."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterable

from adapters.cis import CisAdapter, native
from benchmarks import RUNS, Row, by_turns, rate
from cim.message import Outgoing

_ROWS = 20_000
_IS = "csv.DictReader"
_COLUMNS = tuple(column for column in native.ALL if column != "change")


def rows() -> list[Row]:
    data = native.write(map(_row, range(_ROWS)), _COLUMNS)
    model = CisAdapter()
    said = CisAdapter(nouns=("CustomerAgreements",))
    works: dict[str, Callable[[], object]] = {
        "read and checked": lambda: model.records("a.csv", data),
        "read, checked, one model": lambda: _all(model, data),
        "read, a CustomerAgreements each": lambda: _all(said, data),
    }
    turns = [
        lambda work=work: (rate(_ROWS, work),) for work in (lambda: _bare(data), *works.values())
    ]
    floor, *ours = by_turns(*turns, runs=RUNS)
    return [
        Row.of(f"CIS, {_ROWS:,} rows: {name}", "rows/s", figures, floor, _IS)
        for name, figures in zip(works, ours, strict=True)
    ]


def _all(adapter: CisAdapter, data: bytes) -> list[Iterable[Outgoing]]:
    return [list(adapter.to_cim(record)) for record in adapter.records("a.csv", data)]


def _bare(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=";"))


def _row(number: int) -> dict[str, str]:
    return dict.fromkeys(_COLUMNS, "") | {
        "service_point_id": f"SP-{number:07}",
        "premise_id": f"P-{number:07}",
        "account_number": f"A-{number // 2:07}",
        "customer_id": f"C-{number // 2:07}",
        "last_name": "Miller",
        "phone": f"+1614555{number % 10_000:04}",
        "street": "Main Street",
        "street_number": str(number % 200),
        "city": "Dublin",
        "postal_code": "43017",
        "longitude": "-83.1141",
        "latitude": "40.0992",
        "life_support": "Y" if number % 500 == 0 else "N",
        "meter_number": f"M-{number:07}",
        "equipment_mrid": str(uuid.UUID(int=number // 10)),
        "phase": "A",
    }
