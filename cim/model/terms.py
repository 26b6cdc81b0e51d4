"""Tables of distinct strings: one block of bytes, where each begins, and a hash to find it by."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
Blob = NDArray[np.uint8]
Ends = NDArray[np.int64]

_SEED = np.uint64(secrets.randbits(64))


def key(identity: str) -> str:
    """What the spellings of one identity have in common.

    "#_x" and "urn:uuid:x" are x (IEC 61970-552), and a UUID may be in either case; every other IRI
    is its own key.
    """
    for prefix in ("#_", "urn:uuid:"):
        if identity.startswith(prefix) and identity != prefix:
            identity = identity[len(prefix) :]
            break
    is_uuid = len(identity) == 36 and identity[8] == identity[13] == identity[18] == "-"
    if is_uuid and identity[23] == "-" and identity.isascii():
        return identity.upper()
    return identity


class Terms(Sequence[str]):
    """An immutable sequence of distinct strings.

    blob:   the strings in UTF-8, one behind the other.
    ends:   n + 1 places; row r is blob[ends[r]:ends[r + 1]].
    folded: whether strings with the same `key` count as one.
    """

    __slots__ = ("__dict__", "blob", "ends", "folded")

    def __init__(self, blob: Blob, ends: Ends, *, folded: bool = False) -> None:
        self.blob, self.ends, self.folded = blob, ends, folded

    @classmethod
    def of(cls, texts: Iterable[str], *, folded: bool = False) -> Terms:
        """The table of `texts`, which must be distinct."""
        pieces = [text.encode("utf-8", "surrogatepass") for text in texts]
        ends = np.fromiter(accumulate(map(len, pieces), initial=0), np.int64, len(pieces) + 1)
        return cls(np.frombuffer(b"".join(pieces), np.uint8), ends, folded=folded)

    def __len__(self) -> int:
        return len(self.ends) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if row < 0:
            row += len(self)
        return self.blob[self.ends[row] : self.ends[row + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        blob = self.blob.tobytes()
        return (blob[a:b].decode() for a, b in pairwise(self.ends.tolist()))

    def find(self, text: str) -> int:
        """The row of `text`, or of what has the same key in a folded table; -1 without one."""
        one = Terms.of((text,), folded=self.folded)
        hashed = one._hashes[0]
        hashes, rows = self._index
        low = int(np.searchsorted(hashes, hashed, "left"))
        high = int(np.searchsorted(hashes, hashed, "right"))
        wanted = key(text) if self.folded else text
        for row in rows[low:high].tolist():
            found = self[row]
            if (key(found) if self.folded else found) == wanted:
                return int(row)
        return -1

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.find(text) >= 0

    def take(self, rows: Ints) -> Terms:
        """The table of these rows, in this order."""
        from cim.model import interning

        lengths = self.ends[rows + 1] - self.ends[rows]
        ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        blob = np.empty(int(ends[-1]), np.uint8)
        interning.gather(self.blob, self.ends, rows.astype(np.int32, copy=False), blob, ends)
        return Terms(blob, ends, folded=self.folded)

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        from cim.model import interning

        hashes: NDArray[np.uint64]
        hashes = interning.hashes(self.blob, self.ends, self.folded, _SEED)
        return hashes

    @cached_property
    def _index(self) -> tuple[NDArray[np.uint64], Ints]:
        rows = np.argsort(self._hashes, kind="stable").astype(np.int32)
        return self._hashes[rows], rows


def union(tables: Sequence[Terms]) -> tuple[Terms, list[Ints]]:
    """One table with all strings of `tables`, and where each of theirs stands in it.

    Of strings with the same key the first spelling stays.
    """
    from cim.model import interning

    folded = any(table.folded for table in tables)
    blob = np.concatenate([np.empty(0, np.uint8), *(table.blob for table in tables)])
    lengths = [np.diff(table.ends) for table in tables]
    ends = np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]))
    blob, ends, places = interning.put_together(blob, ends, folded)
    sizes: list[Any] = list(accumulate((len(table) for table in tables), initial=0))
    return Terms(blob, ends, folded=folded), [places[a:b] for a, b in pairwise(sizes)]
