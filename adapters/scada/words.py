"""Numbers in Modbus registers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.scada.points import Data, Point

_FORMS = {
    Data.INT16: "h",
    Data.UINT16: "H",
    Data.INT32: "i",
    Data.UINT32: "I",
    Data.INT64: "q",
    Data.UINT64: "Q",
    Data.FLOAT32: "f",
    Data.FLOAT64: "d",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STAMP = 4
"""Registers of a time stamp."""


def number(words: Sequence[int], data: Data, *, big: bool = True) -> float:
    """The number in registers; within each the more significant byte comes first.

    big: whether the more significant register comes first.
    """
    if data is Data.UINT16 or data is Data.BOOL:
        return words[0]
    ordered = words if big else words[::-1]
    packed = struct.pack(f">{len(ordered)}H", *ordered)
    (value,) = struct.unpack(f">{_FORMS[data]}", packed)
    return value  # type: ignore[no-any-return]


def raw(words: Sequence[int], point: Point) -> float:
    """What a point reads in its own registers, or one bit of it."""
    if point.bit is not None:
        return words[0] >> point.bit & 1
    return number(words, point.data, big=point.big)


def stamp(words: Sequence[int]) -> datetime | None:
    """Milliseconds since 1970 (UTC) in four registers, the most significant first; 0 is none."""
    milliseconds = int(number(words, Data.UINT64))
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds) if milliseconds else None
    except OverflowError:
        return None
