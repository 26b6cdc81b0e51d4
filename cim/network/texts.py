"""Columns of text: many short strings in one block of bytes, and an index over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


class Texts:
    """An immutable sequence of strings."""

    __slots__ = ("_blob", "_ends")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        pieces = [text.encode() for text in texts]
        self._blob = b"".join(pieces)
        self._ends = np.fromiter(accumulate(map(len, pieces), initial=0), np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> str:
        return self._blob[self._ends[row] : self._ends[row + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        ends = self._ends.tolist()
        return (self._blob[a:b].decode() for a, b in pairwise(ends))


def mrid_key(mrid: str) -> str:
    """What two spellings of one mRID have in common: a UUID may be in either case."""
    return mrid.upper() if len(mrid) == 36 and mrid[8] == mrid[23] == "-" else mrid


def as_is(text: str) -> str:
    """The key of a text that has only one spelling."""
    return text


class Index:
    """Finds the rows of `texts` that have a given key: eight bytes a row, no string kept."""

    __slots__ = ("_hashes", "_key", "_rows", "_texts")

    def __init__(self, texts: Texts, key: Callable[[str], str] = as_is) -> None:
        hashes = np.fromiter((crc32(key(t).encode()) for t in texts), np.uint32, len(texts))
        self._rows: Ints = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._rows]
        self._texts = texts
        self._key = key

    def rows(self, text: str) -> list[int]:
        """The rows with the key of `text`, in ascending order."""
        key = self._key(text)
        hashed = np.uint32(crc32(key.encode()))
        low = np.searchsorted(self._hashes, hashed, "left")
        high = np.searchsorted(self._hashes, hashed, "right")
        found = self._rows[low:high].tolist()
        return [row for row in found if self._key(self._texts[row]) == key]
