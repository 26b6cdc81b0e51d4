"""What an analysis found, as a summary, as JSON or as files of CSV."""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dms_apps.solver.tables import Cell, Table
from hub.cli import show
from hub.report import Draw, Form


@dataclass(frozen=True)
class Told:
    """The outcome of one analysis.

    summary: lines for people, by what they are about.
    tables:  all there is, by name.
    drawings: the same to be looked at, by name.
    remarks: what was left out or taken otherwise, in sentences.
    """

    summary: Mapping[str, Any]
    tables: Mapping[str, Table]
    remarks: tuple[str, ...] = ()
    drawings: Mapping[str, Draw] = field(default_factory=dict)


def tell(told: Told, options: argparse.Namespace) -> None:
    """Remarks go to stderr, as JSON into the whole, too; the summary is a file of CSV, too."""
    for remark in told.remarks:
        show.say(remark)
    if options.csv is not None:
        rows = [(name, str(value)) for name, value in told.summary.items()]
        summary = Table((("what", ""), ("value", "")), rows)
        _as_csv({"summary": summary, **told.tables}, options.csv)
    for form in Form:
        if (folder := getattr(options, form)) is not None:
            _as_drawings(told.drawings, form, folder)
    if options.json:
        print(json.dumps(_whole(told), indent=1, ensure_ascii=False))
    elif options.csv is None:
        show.data(dict(told.summary), as_json=False)


def _as_csv(tables: Mapping[str, Table], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow([heading(*column) for column in table.columns])
            lines.writerows([_text(cell) for cell in row] for row in table.rows)
        show.say(f"{path}: {len(table.rows):,} rows")


def _as_drawings(drawings: Mapping[str, Draw], form: Form, folder: Path) -> None:
    if not drawings:
        show.say("this analysis has no drawings")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in drawings.items():
        path = folder / f"{name}.{form}"
        path.write_bytes(draw(form))
        show.say(str(path))


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
