"""Compiled loops over blobs of strings (see `cim.model.terms.Terms`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cim.network.compiling import over_text
from cim.network.topology import Bytes, Ints

Longs = NDArray[np.int64]

_HASH, _UNDERSCORE, _NUL = 35, 95, 0
_URN = np.frombuffer(b"urn:uuid:", np.uint8)


@over_text("blob", "ends", "rows")
def bare(blob: Bytes, ends: Longs, rows: Ints) -> tuple[Longs, Longs, bool]:
    """Where the mRIDs of these identities lie; and whether two may have become alike by that.

    Of "urn:uuid:x", "#_x", "#x" and "http://y#_x" it is x.
    """
    low, high = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    odd = False
    for number in range(len(rows)):
        start, end = ends[rows[number]], ends[rows[number] + 1]
        high[number] = end
        urn = end - start > len(_URN)
        at = 0
        while urn and at < len(_URN):
            urn = blob[start + at] == _URN[at]
            at += 1
        if urn:
            low[number] = start + len(_URN)
            continue
        at = end - 1
        while at >= start and blob[at] != _HASH:
            at -= 1
        odd |= at != start or end - start < 3 or blob[start + 1] != _UNDERSCORE
        if at >= start and at + 1 < end and blob[at + 1] == _UNDERSCORE:
            at += 1
        low[number] = at + 1
    return low, high, odd


@over_text("blob", "ends", "rows")
def plain(blob: Bytes, ends: Longs, rows: Ints) -> tuple[Longs, Longs]:
    """Where literals lie without blanks around them, data type and language."""
    low, high = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for number in range(len(rows)):
        start, end = ends[rows[number]], ends[rows[number] + 1]
        for at in range(start, end):
            if blob[at] == _NUL:
                end = at
                break
        while start < end and blob[start] <= 32:
            start += 1
        while start < end and blob[end - 1] <= 32:
            end -= 1
        low[number], high[number] = start, end
    return low, high


@over_text("blob", "ends", "ends")
def gathered(blob: Bytes, low: Longs, high: Longs) -> tuple[Bytes, Longs]:
    """The blob of these pieces, and its ends."""
    ends = np.zeros(len(low) + 1, np.int64)
    for number in range(len(low)):
        ends[number + 1] = ends[number] + high[number] - low[number]
    out = np.empty(ends[-1], np.uint8)
    for number in range(len(low)):
        start = ends[number]
        for at in range(high[number] - low[number]):
            out[start + at] = blob[low[number] + at]
    return out, ends


@over_text("blob", "ends", "ends", "blob", "ends", "ends")
def unlike(
    blob: Bytes, low: Longs, high: Longs, other: Bytes, other_low: Longs, other_high: Longs
) -> Ints:
    """Which of the pairs of pieces are not the same, byte by byte."""
    found = np.empty(len(low), np.int32)
    count = 0
    for number in range(len(low)):
        length = high[number] - low[number]
        same = length == other_high[number] - other_low[number]
        at = 0
        while same and at < length:
            same = blob[low[number] + at] == other[other_low[number] + at]
            at += 1
        if not same:
            found[count] = number
            count += 1
    return found[:count]
