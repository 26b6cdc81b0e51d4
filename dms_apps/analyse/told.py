"""What an analysis found, as a summary, as JSON or as files of CSV."""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dms_apps.solver.tables import Cell, Table
from hub.cli import show


@dataclass(frozen=True)
class Told:
    """The outcome of one analysis.

    summary: lines for people, by what they are about.
    tables:  all there is, by name.
    remarks: what was left out or taken otherwise, in sentences.
    """

    summary: Mapping[str, Any]
    tables: Mapping[str, Table]
    remarks: tuple[str, ...] = ()


def tell(told: Told, options: argparse.Namespace) -> None:
    """Remarks go to stderr, as JSON into the whole, too."""
    for remark in told.remarks:
        show.say(remark)
    if options.csv is not None:
        options.csv.mkdir(parents=True, exist_ok=True)
        for name, table in told.tables.items():
            path = options.csv / f"{name}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                lines = csv.writer(file)
                lines.writerow([heading(*column) for column in table.columns])
                lines.writerows([_text(cell) for cell in row] for row in table.rows)
            show.say(f"{path}: {len(table.rows):,} rows")
    if options.json:
        print(json.dumps(_whole(told), indent=1, ensure_ascii=False))
    elif options.csv is None:
        show.data(dict(told.summary), as_json=False)


def heading(name: str, unit: str) -> str:
    """What a column is called where there is only a line for it."""
    return f"{name} ({unit})" if unit else name


def _whole(told: Told) -> dict[str, Any]:
    tables = {
        name: [
            {
                heading(*column): _plain(cell)
                for column, cell in zip(table.columns, row, strict=True)
            }
            for row in table.rows
        ]
        for name, table in told.tables.items()
    }
    return {"summary": dict(told.summary), **tables, "remarks": list(told.remarks)}


def _plain(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _text(cell: Cell) -> str | int | float:
    cell = _plain(cell)
    return "" if cell is None else cell
