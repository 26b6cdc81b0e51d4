"""Tables and columns that grow while a document is read.

What is reserved costs nothing until it is written to: the system hands out memory page by page.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import Terms

_GROWTH = 1.5


def room(column: NDArray[Any], length: int) -> NDArray[Any]:
    """The column, or a longer one that begins with it."""
    if length <= len(column):
        return column
    longer = np.empty(max(length, int(len(column) * _GROWTH)), column.dtype)
    longer[: len(column)] = column
    return longer


class Table:
    """A table of strings that `cim.model.interning` fills."""

    def __init__(self, rows: int, length: int) -> None:
        self.blob = np.empty(length, np.uint8)
        self.ends = np.empty(rows + 1, np.int64)
        self.ends[0] = 0
        self.slots = np.zeros(1 << (2 * rows + 1).bit_length(), np.uint64)

    def reserve(self, count: int, rows: int, length: int) -> None:
        """Have room for `rows` more than the `count` there are, and for `length` more bytes."""
        from cim.model import interning

        self.blob = room(self.blob, int(self.ends[count]) + length)
        self.ends = room(self.ends, count + rows + 1)
        if len(self.slots) < (wanted := 2 * (count + rows)):
            larger = np.zeros(1 << wanted.bit_length(), np.uint64)
            interning.spread(self.slots, larger)
            self.slots = larger

    @property
    def addresses(self) -> tuple[int, int, int, int]:
        """Of blob, ends and slots, as long as nothing is reserved; and the mask of the slots."""
        blob, ends, slots = self.blob.ctypes.data, self.ends.ctypes.data, self.slots.ctypes.data
        return blob, ends, slots, len(self.slots) - 1

    def enter(self, text: bytes, count: int, seed: np.uint64) -> int:
        """The row of `text`, which is `count` when it is new."""
        from cim.model import interning

        self.reserve(count, 1, len(text))
        data = np.frombuffer(text, np.uint8)
        low = data.ctypes.data
        return int(interning.row_of(low, low + len(text), *self.addresses, count, seed))

    def terms(self, count: int, *, folded: bool = False) -> Terms:
        """The first `count` rows; the table is not to be used any more."""
        self.blob.resize(int(self.ends[count]), refcheck=False)
        self.ends.resize(count + 1, refcheck=False)
        return Terms(self.blob, self.ends, folded=folded)


class Columns:
    """The columns of statements (see `cim.model.model.Model`)."""

    def __init__(self, rows: int) -> None:
        self.subject, self.property, self.object = (np.empty(rows, np.int32) for _ in range(3))
        self.kind = np.empty(rows, np.uint8)

    def reserve(self, rows: int) -> None:
        """Have room for so many in all."""
        self.subject, self.property = room(self.subject, rows), room(self.property, rows)
        self.kind, self.object = room(self.kind, rows), room(self.object, rows)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        return self.subject, self.property, self.kind, self.object

    def cut(self, rows: int) -> tuple[NDArray[Any], ...]:
        """The first rows; nothing is to be added any more."""
        for column in self.arrays:
            column.resize(rows, refcheck=False)
        return self.arrays
