"""Masks: on which phase slots each equipment number conducts.  An immutable value.

Masks after a change share with those before it all sheets but the changed ones, so that a change
costs the same in a grid of any size.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

import numpy as np

from cim.network.topology import NOTHING, Bytes, Ints

SHIFT = 10
SIZE = 1 << SHIFT
"""Equipment numbers in a sheet."""

_FEW = 64  # sheets for changes that even few masks have


class _Sheets:
    """Bits in sheets of SIZE, each written once; what is full is left to those who still have it.

    bits: one row a sheet.
    """

    def __init__(self, count: int) -> None:
        self._lock = Lock()
        self._free = count
        self.bits: Bytes = np.empty((2 * count + _FEW, SIZE), np.uint8)

    def taken(self, count: int) -> int:
        """The first of so many sheets that nobody has; -1 where there are not as many any more."""
        with self._lock:
            first = self._free
            if first + count > len(self.bits):
                return -1
            self._free = first + count
            return first


class Masks(NamedTuple):
    """For each equipment number the bits of the slots on which it conducts; switches come first.

    sheets:   hold the bits, together with those of other masks.
    where:    for each SIZE equipment numbers the sheet that says them.
    switches: how many equipment numbers are of switches.
    """

    sheets: _Sheets
    where: Ints
    switches: int

    @classmethod
    def stated(cls, switches: Bytes, others: Bytes) -> Masks:
        """Bits by equipment number, of switches and behind them of all else."""
        count, size = len(switches), len(switches) + len(others)
        leaves = (size + SIZE - 1) >> SHIFT
        sheets = _Sheets(leaves)
        flat = sheets.bits.reshape(-1)
        flat[:count], flat[count:size], flat[size : leaves << SHIFT] = switches, others, 0
        return cls(sheets, np.arange(leaves, dtype=np.int32), count)

    @property
    def arrays(self) -> tuple[Bytes, Ints]:
        """As compiled loops want them: number is `bits[where[number >> SHIFT], number % SIZE]`."""
        return self.sheets.bits, self.where

    def of(self, number: int) -> int:
        return int(self.sheets.bits[self.where[number >> SHIFT], number & SIZE - 1])

    def many(self, numbers: Ints) -> Bytes:
        """The bits of each of these equipment numbers."""
        found: Bytes = self.sheets.bits[self.where[numbers >> SHIFT], numbers & SIZE - 1]
        return found

    def with_(self, changes: dict[int, int]) -> Masks:
        """These with `changes`, equipment number to bits."""
        sheets, where = self.sheets, self.where.copy()
        first = fresh = sheets.taken(len(changes))  # as many as there can be
        if first < 0:
            sheets, fresh = _Sheets(len(where)), len(where)
            sheets.bits[:fresh] = self.sheets.bits[where]
            where[:] = np.arange(fresh)
            first = 0
        bits = sheets.bits
        for number, stated in changes.items():
            sheet = where.item(number >> SHIFT)
            if sheet < first:
                bits[fresh] = bits[sheet]
                sheet = where[number >> SHIFT] = fresh
                fresh += 1
            bits[sheet, number & SIZE - 1] = stated
        return Masks(sheets, where, self.switches)

    def differing(self, other: Masks) -> Ints:
        """The equipment numbers, ascending, that conduct otherwise in `other`, of the same grid."""
        leaves = np.arange(len(self.where))
        if self.sheets is other.sheets:
            leaves = np.flatnonzero(self.where != other.where)
        if not len(leaves):
            return NOTHING
        mine, theirs = self.sheets.bits[self.where[leaves]], other.sheets.bits[other.where[leaves]]
        leaf, place = np.nonzero(mine != theirs)
        return (leaves[leaf] << SHIFT | place).astype(np.int32)
