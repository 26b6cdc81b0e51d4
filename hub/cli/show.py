"""How the command line shows things: data on stdout, everything else on stderr."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any


def say(text: str) -> None:
    """Progress and remarks."""
    print(text, file=sys.stderr, flush=True)


def data(value: Any, *, as_json: bool) -> None:
    """One object: as JSON, or a line for each of its fields."""
    plain = _plain(value)
    if as_json:
        print(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    width = max((len(key) for key in plain), default=0)
    for key, one in plain.items():
        print(f"{key:{width}}  {'-' if one is None else one}")


def table(rows: Iterable[Any], columns: Sequence[str], *, as_json: bool) -> None:
    """Dataclass rows: as a JSON array, or aligned columns under a heading."""
    plain = [_plain(row) for row in rows]
    if as_json:
        print(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    cells = [[_cell(row.get(column)) for column in columns] for row in plain]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in (list(columns), *cells):
        print("  ".join(f"{c:{w}}" for c, w in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value)) or None
    return "-" if value is None else str(value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(map(_plain, value), key=str)  # the same answer whenever it is asked for
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
