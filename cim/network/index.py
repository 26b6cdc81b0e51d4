"""Finds strings in tables of millions by their hash: four bytes a string, and four a bucket."""

from __future__ import annotations

import secrets
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import Terms, key
from cim.network.topology import Ints, grouped

Hashes = NDArray[np.uint64]


@cache
def _seed() -> np.uint64:
    """Of this process, so that nobody can write strings that all have one hash."""
    return np.uint64(secrets.randbits(64))


def hashes(table: Terms) -> Hashes:
    """A hash of each string, or of its key in a folded table."""
    if not len(table):
        return np.empty(0, np.uint64)
    from cim.model import interning

    found: Hashes = interning.hashes(table.blob, table.ends, table.folded, _seed())
    return found


class Index:
    """Finds all rows of a table with a given key; they may be several."""

    def __init__(self, table: Terms, codes: Hashes) -> None:
        self._table = table
        self._shift = np.uint64(64 - max(1, len(table).bit_length()))
        buckets = (codes >> self._shift).astype(np.int32)
        self._start, self._rows = grouped(buckets, 1 << 64 - int(self._shift))

    def rows(self, text: str) -> list[int]:
        """The rows with the key of `text`, in ascending order."""
        folded = self._table.folded
        if not len(self._table):
            return []
        code = hashes(Terms.of((text,), folded=folded))[0]
        bucket = int(code >> self._shift)
        found = self._rows[self._start[bucket] : self._start[bucket + 1]].tolist()
        wanted = key(text) if folded else text
        return [row for row in found if _key(self._table[row], folded) == wanted]

    def first_rows(self, wanted: Terms) -> Ints:
        """For each string of a folded table the first row with its key; -1 without one."""
        from cim.network import spelling

        table = self._table
        return spelling.matched(
            table.blob,
            table.ends,
            self._start,
            self._rows,
            hashes(wanted),
            self._shift,
            wanted.blob,
            wanted.ends,
        )


def _key(text: str, folded: bool) -> str:
    return key(text) if folded else text
