"""Weather as JSON: a list of objects, or an object whose values are columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from hub.rows import Layout, Row


def objects(name: str, data: bytes, table: str, columns: Mapping[str, str]) -> list[Row]:
    """The rows of the document, or of what lies in it under the keys `table` ("hourly").

    columns: our name -> their key.
    Raises: ValueError when the document is unusable as a whole.
    """
    place = _decoded(name, data)
    for key in filter(None, table.split(".")):
        if not isinstance(place, dict) or key not in place:
            raise ValueError(f"{name}: there is no {key!r} of json_table {table!r}")
        place = place[key]
    found = _of_columns(name, place) if isinstance(place, dict) else place
    if not isinstance(found, list):
        raise ValueError(f"{name}: neither a list of objects nor an object of lists")
    return [_row(f"{name} object {number}", one, columns) for number, one in enumerate(found, 1)]


def _decoded(name: str, data: bytes) -> Any:
    """Numbers stay the texts they are written as."""
    try:
        return json.loads(
            data.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_constant,
            object_pairs_hook=_once,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is no JSON document: {error}") from None


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has one key twice")
    return found


def _of_columns(name: str, place: Mapping[str, Any]) -> list[Any]:
    """Objects out of columns, which must be of one length."""
    if not place or not all(isinstance(one, list) for one in place.values()):
        return [place]
    lengths = {key: len(one) for key, one in place.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{key} {length}" for key, length in lengths.items())
        raise ValueError(f"{name} is cut short: its columns are not of one length: {said}")
    return [dict(zip(place, one, strict=True)) for one in zip(*place.values(), strict=True)]


def _row(origin: str, one: Any, columns: Mapping[str, str]) -> Row:
    if not isinstance(one, dict):
        raise ValueError(f"{origin} is no object")
    raw = json.dumps(one, ensure_ascii=False).encode() + b"\n"
    return Row(origin, raw, tuple(map(_text, one.values())), Layout(tuple(one), columns))


def _text(value: Any) -> str:
    """Of what is no text or number something that no rule lets pass."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def again(origin: str, data: bytes, columns: Mapping[str, str]) -> Sequence[Row]:
    """Objects that were kept in lines."""
    lines = [line for line in data.splitlines() if line.strip()]
    found = [_decoded(origin, line) for line in lines]
    return [_row(origin, one, columns) for one in found]
