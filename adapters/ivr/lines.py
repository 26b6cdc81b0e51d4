"""Calls as gateways export them: JSON, one object a line, with the fields of the CSV files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from adapters.ivr.fields import COLUMNS
from hub.json_text import as_written
from hub.rows import Dialect, Layout, Row


@dataclass(frozen=True)
class Unreadable:
    """A line that is no record, and why."""

    origin: str
    raw: bytes
    why: str


def lines(name: str, data: bytes, dialect: Dialect, separator: str) -> list[Row | Unreadable]:
    """The objects of the file `name`; blank lines are passed over.

    dialect:   its `trailer` is the one key of the last line, whose value counts the others.
    separator: between the values of a list, as in the CSV files.
    Raises: ValueError when the file is unusable as a whole.
    """
    if dialect.encoding.lower() in ("utf-8", "utf8"):
        data = data.removeprefix(b"\xef\xbb\xbf")
    found = [
        (f"{name} line {number}", raw, _decoded(name, number, raw, dialect.encoding))
        for number, raw in enumerate(data.splitlines(keepends=True), 1)
        if raw.strip()
    ]
    if dialect.trailer:
        _check_trailer(name, [text for _, _, text in found], dialect.trailer)
        found.pop()
    wanted = frozenset(dialect.columns.get(column, column) for column in COLUMNS)
    return [_row(*one, dialect.columns, wanted, separator) for one in found]


def _decoded(name: str, number: int, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} line {number} is not {encoding} text: byte {raw[error.start]:#04x} at column"
            f" {error.start + 1}"
        ) from error


def _check_trailer(name: str, found: Sequence[str], trailer: str) -> None:
    try:
        last = _object(found[-1]) if found else {}
    except ValueError:
        last = {}
    if set(last) != {trailer}:
        raise ValueError(f"{name} is cut short: its last line is not the trailer {trailer!r}")
    if last[trailer] != str(len(found) - 1):
        raise ValueError(
            f"{name} is cut short: the trailer counts {last[trailer]!r} lines, there are"
            f" {len(found) - 1}"
        )


def _row(
    origin: str,
    raw: bytes,
    line: str,
    columns: Mapping[str, str],
    wanted: Set[str],
    separator: str,
) -> Row | Unreadable:
    try:
        fields = {
            key: _text(key, value, separator) if key in wanted else ""
            for key, value in _object(line).items()
        }
    except ValueError as error:
        return Unreadable(origin, raw, f"{origin}: {error}")
    return Row(origin, raw, tuple(fields.values()), Layout(tuple(fields), columns))


def _object(line: str) -> dict[str, Any]:
    """Numbers stay the texts they are written as.  Raises: ValueError."""
    try:
        found = as_written(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("is no flat JSON object") from None
    if not isinstance(found, dict):
        raise ValueError("is no JSON object")
    return found


def _text(key: str, value: Any, separator: str) -> str:
    """A value as the CSV files write it."""
    if not isinstance(value, list):
        return _single(key, value)
    said = [_single(key, one) for one in value]
    if len(said) > 1 and (not separator or any(separator in one for one in said)):
        raise ValueError(f"{key!r} is a list that the separator {separator!r} cannot tell apart")
    return separator.join(said)


def _single(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is not None and not isinstance(value, str):
        raise ValueError(
            f"{key!r} is neither a text, a number, true, false nor null, nor a list of such"
        )
    return value or ""
