"""Numbers in Modbus registers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.scada.blocks import STAMP, Block
from adapters.scada.points import Data, Point
from adapters.scada.samples import Sample

FORMS = {
    Data.INT16: "h",
    Data.UINT16: "H",
    Data.INT32: "i",
    Data.UINT32: "I",
    Data.INT64: "q",
    Data.UINT64: "Q",
    Data.FLOAT32: "f",
    Data.FLOAT64: "d",
}
"""How `struct` calls them."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(words: Sequence[int], data: Data, *, big: bool = True) -> float:
    """The number in registers; within each the more significant byte comes first.

    big: whether the more significant register comes first.
    """
    if data is Data.UINT16 or data is Data.BOOL:
        return words[0]
    ordered = words if big else words[::-1]
    packed = struct.pack(f">{len(ordered)}H", *ordered)
    (value,) = struct.unpack(f">{FORMS[data]}", packed)
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


class Reader:
    """Reads the points of a block; of registers that are as before nothing is worked out again.

    Their samples are the same objects as before, by which the watch knows them.
    """

    def __init__(self, block: Block) -> None:
        self._spans = [_span(block, point) for point in block.points]
        self._points = block.points
        self._start = block.start
        self._words: list[int] | None = None
        self._samples: list[Sample] = []

    def samples(self, words: list[int]) -> list[Sample]:
        """One of each point, in the order of the block."""
        before = self._words
        if words == before:
            return self._samples
        self._samples = [
            self._samples[place]
            if before and words[span] == before[span]
            else self._sample(words, self._points[place])
            for place, span in enumerate(self._spans)
        ]
        self._words = words
        return self._samples

    def _sample(self, words: list[int], point: Point) -> Sample:
        place = point.address - self._start
        at = None
        if point.stamp is not None:
            at = stamp(words[point.stamp - self._start : point.stamp - self._start + STAMP])
        return Sample(point.name, raw(words[place : place + point.data.words], point), at=at)


def _span(block: Block, point: Point) -> slice:
    """Where value and time stamp of a point lie in the block."""
    start, end = point.address, point.address + point.data.words
    if point.stamp is not None:
        start, end = min(start, point.stamp), max(end, point.stamp + STAMP)
    return slice(start - block.start, end - block.start)
