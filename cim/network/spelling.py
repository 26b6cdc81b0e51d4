"""Compiled loops over blobs of strings (see `cim.model.terms.Terms`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.network.compiling import declared, step
from cim.network.topology import Bytes, Ints

Longs = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Whole = Any

_HASH, _UNDERSCORE, _HYPHEN, _NUL = 35, 95, 45, 0
_URN = np.frombuffer(b"urn:uuid:", np.uint8)


@declared("blob", "ends", "rows")
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


@declared("blob", "ends", "rows")
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


@declared("blob", "ends", "ends")
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


@step
def is_uuid(blob: Bytes, low: Whole, high: Whole) -> bool:
    """Whether capitals and small letters are the same in it (see `cim.model.terms.key`)."""
    if high - low != 36:
        return False
    for at in (8, 13, 18, 23):  # noqa: SIM110 - numba compiles no generator
        if blob[low + at] != _HYPHEN:
            return False
    return True


@step
def upper(byte: Whole) -> Whole:
    return byte - 32 if 97 <= byte <= 122 else byte


@declared("blob", "ends", "rows", "rows", "hashes", "shift", "blob", "ends")
def matched(
    blob: Bytes,
    ends: Longs,
    start: Ints,
    rows: Ints,
    codes: Hashes,
    shift: Whole,
    other: Bytes,
    other_ends: Longs,
) -> Ints:
    """For each mRID of another table the first row in this one with the same key, or -1.

    start, rows: of this table by the upper bits of their hashes (see `cim.network.index`).
    codes:       hashes of the other.
    """
    found = np.full(len(codes), -1, np.int32)
    for number in range(len(codes)):
        low, high = other_ends[number], other_ends[number + 1]
        folds = is_uuid(other, low, high)
        bucket = np.int64(codes[number] >> shift)
        for place in range(start[bucket], start[bucket + 1]):
            begin, end = ends[rows[place]], ends[rows[place] + 1]
            same = end - begin == high - low
            at = 0
            while same and at < high - low:
                one, two = blob[begin + at], other[low + at]
                same = one == two or (folds and upper(one) == upper(two))
                at += 1
            if same:
                found[number] = rows[place]
                break
    return found


@declared("blob", "ends", "ends", "blob", "ends", "ends")
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
