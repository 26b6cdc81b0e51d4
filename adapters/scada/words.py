"""Numbers in Modbus registers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.scada.blocks import STAMP, Block
from adapters.scada.points import Data, Point
from adapters.scada.samples import Look, Sample

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
        self._points = block.points
        self._start = block.start
        places: list[list[int]] = [[] for _ in range(block.count)]
        for place, point in enumerate(block.points):
            for some in places[_span(block, point)]:
                some.append(place)
        # Register -> places of the points that it is part of; tuples of numbers are nothing that
        # the garbage collector looks at again and again.
        self._of = [tuple(some) for some in places]
        self._words: list[int] | None = None
        self._samples: list[Sample] = []

    def forget(self) -> None:
        """All is news at the next look: what was read last may have got lost."""
        self._words = None

    def look(self, words: list[int]) -> Look:
        """A sample of each point, in the order of the block."""
        before, self._words = self._words, words
        if before is None:
            self._samples = [self._sample(words, point) for point in self._points]
            return Look(self, self._samples, self._samples)
        if words == before:
            return Look(self, self._samples, ())
        pairs = enumerate(zip(before, words, strict=True))
        changed = {place for n, (old, new) in pairs if old != new for place in self._of[n]}
        self._samples = self._samples.copy()
        for place in changed:
            self._samples[place] = self._sample(words, self._points[place])
        return Look(self, self._samples, [self._samples[place] for place in sorted(changed)])

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
