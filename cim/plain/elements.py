"""The elements of a plain document, read from its bytes in one compiled pass.

Plain is UTF-8 with ASCII names, and elements, attributes and text only: no DTD, no processing
instruction, comment or CDATA, no byte order mark.  What is proved plain and within the limits has
nothing that `cim.gate` would refuse for a rule of ours; whether it is well-formed in all else
(unique attributes, declared prefixes) the parser after it tells.  Of anything else nothing is said.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cim.gate import MESSAGE, Limits

_DECLARATION = re.compile(
    rb"""<\?xml\ version=(?:"1\.0"|'1\.0')(?:\ encoding=(?:"(?i:utf-8)"|'(?i:utf-8)'))?"""
    rb"""(?:\ standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?[ ]?\?>[ \t\r\n]*|[ \t\r\n]*(?=<)""",
    re.VERBOSE,
)
_SPACE = re.compile(rb"[ \t\r\n]*\Z")
_BEYOND = 64  # zeros that stop every loop
_KEPT = 1 << 20
_LARGEST = 64 << 20  # bytes; of more, the tables would take more memory than they are worth
_NAMES, _BLOB = 1024, 1 << 16  # room for so many names, and so many bytes of them
_SPOKEN = 16  # declarations of namespaces that are looked at
_DEEPEST = 255  # a byte holds it

_Tables = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]
"""Shapes, stops and values of elements: see `cim.plain.kernels`."""


class Elements:
    """The elements of one document, in the order of their start tags.

    document:   the bytes.
    namespaces: that are declared in it, as they are written; None, when there are many.
    """

    def __init__(
        self,
        document: bytes,
        names: tuple[bytes, NDArray[np.int64]],
        namespaces: frozenset[bytes] | None,
        shapes: NDArray[np.int32],
        stops: NDArray[np.int32],
        values: bytes,
    ) -> None:
        self.document, self._names, self.namespaces = document, names, namespaces
        self._shapes, self._stops, self._values = shapes, stops, values

    def size(self, at: int) -> int:
        """Of how many elements the one number `at` is made, itself one of them."""
        return int(self._stops[at]) - at

    @cached_property
    def names(self) -> list[str]:
        """The local names in it, each once or, with several prefixes, more often."""
        names, ends = self._names[0].decode("ascii"), self._names[1].tolist()
        return [names[low:high].rpartition(":")[2] for low, high in pairwise(ends)]

    @cached_property
    def rows(self) -> list[int]:
        """Of each element, the row of its name in `names`."""
        rows: list[int] = (self._shapes >> 8).tolist()
        return rows

    @cached_property
    def stops(self) -> list[int]:
        """Of each element, the number of the first one after it that is not within it."""
        stops: list[int] = self._stops.tolist()
        return stops

    @cached_property
    def values(self) -> list[str]:
        """Of each element, its attribute `ref`; without one its text, if it has no children."""
        return self._values.decode("utf-8").split("\0")

    def text(self, at: int) -> str:
        """What `values` says of the element number `at`."""
        low = int(self._ends[at - 1]) + 1 if at else 0
        return self._values[low : self._ends[at]].decode("utf-8")

    def instants(self, places: Sequence[int]) -> NDArray[np.int64] | None:
        """What the values of these elements say as xs:dateTime: microseconds since 1970, UTC,
        which is what one without a zone is in; None, when one is not written as usual."""
        from cim.plain.numbers import read_instants

        found = np.empty(len(places), np.int64)
        usual = read_instants(self._bytes, self._ends, _array(places), found)
        return found if usual else None

    def decimals(self, places: Sequence[int]) -> NDArray[np.float64] | None:
        """What they say as decimal numbers without exponent; None, when one says something else."""
        from cim.plain.numbers import read_decimals

        found = np.empty(len(places), np.float64)
        usual = read_decimals(self._bytes, self._ends, _array(places), found)
        return found if usual else None

    def children(self, at: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The elements that stand in the one number `at` itself, and the rows of their names."""
        low = at + 1
        within = self._shapes[low : self._stops[at]]
        found = np.flatnonzero((within & 0xFF) == (self._shapes[at] & 0xFF) + 1)
        return found + low, within[found] >> 8

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(self._values, np.uint8)

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """Where each of the values ends."""
        return np.flatnonzero(self._bytes == 0)

    @cached_property
    def shapes(self) -> bytes:
        """Four bytes for each element: two ranges are equal when names and nesting are."""
        return self._shapes.tobytes()


def elements_of(data: bytes, limits: Limits) -> Elements | None:
    """The elements of `data`; None, when it is not proved plain and within `limits`."""
    if len(data) > min(limits.bytes, _LARGEST):
        return None
    begun = _DECLARATION.match(data)
    if begun is None:
        return None
    from cim.plain.kernels import survey

    room = _room
    room.slots.fill(0)
    shapes, stops, values = room.tables(len(data))
    end, count, known, written, spoken = survey(
        room.put(data),
        begun.end(),
        _bounds(limits),
        shapes,
        stops,
        values,
        room.stack,
        room.spaces,
        room.blob,
        room.ends,
        room.slots,
        room.seed,
        room.uris,
    )
    if not end or not _SPACE.match(data, end):
        return None
    return Elements(
        data,
        room.names(known),
        room.namespaces(spoken, data),
        shapes[:count].copy(),
        stops[:count].copy(),
        values[:written].tobytes(),
    )


def _array(places: Sequence[int]) -> NDArray[np.int64]:
    if isinstance(places, range):
        return np.arange(places.start, places.stop, places.step)
    return np.array(places, np.int64)


@lru_cache(maxsize=16)
def _bounds(limits: Limits) -> NDArray[np.int64]:
    """The limits in the order of `cim.plain.kernels`."""
    of_one = (limits.attributes, limits.namespaces, limits.name, limits.value, limits.text)
    return np.array((min(limits.depth, _DEEPEST), limits.elements, *of_one), np.int64)


class _Room(threading.local):
    """What the pass needs for its time, for each thread: it lets go of the GIL.

    What documents of up to a megabyte need is kept: to get it anew takes as long as the pass.
    """

    def __init__(self) -> None:
        self.document = np.zeros(0, np.uint8)
        self.kept = _tables(0)
        self.stack = np.empty(_DEEPEST + 1, np.int32)
        self.spaces = np.empty(_DEEPEST + 1, np.int32)
        self.blob = np.empty(_BLOB, np.uint8)
        self.ends = np.zeros(_NAMES + 1, np.int64)
        self.slots = np.zeros(4 * _NAMES, np.uint64)
        self.uris = np.empty(2 * _SPOKEN, np.int64)
        self.seed = np.uint64(secrets.randbits(64))

    def put(self, data: bytes) -> NDArray[np.uint8]:
        """The document with zeros behind it."""
        size = len(data) + _BEYOND
        document = self.document
        if len(document) < size:
            document = np.empty(size if size > _KEPT else 2 * size, np.uint8)
            if size <= _KEPT:
                self.document = document
        document[: len(data)] = np.frombuffer(data, np.uint8)
        document[len(data) : size] = 0
        return document

    def tables(self, size: int) -> _Tables:
        """Room for the elements of a document of so many bytes."""
        if size > _KEPT:
            return _tables(size)
        if len(self.kept[2]) < size:
            self.kept = _tables(2 * size)
        return self.kept

    def names(self, count: int) -> tuple[bytes, NDArray[np.int64]]:
        """Those in the table, of which there are `count`, and where they end."""
        return self.blob[: self.ends[count]].tobytes(), self.ends[: count + 1].copy()

    def namespaces(self, count: int, data: bytes) -> frozenset[bytes] | None:
        """Those in `uris`, of which there are `count`, when all of them are."""
        if count > _SPOKEN:
            return None
        ends = self.uris[: 2 * count].tolist()
        pairs = zip(ends[::2], ends[1::2], strict=True)
        return frozenset(data[low:high] for low, high in pairs)


def _tables(size: int) -> _Tables:
    most = size // 4 + 1  # the shortest element is <a/>
    return np.empty(most, np.int32), np.empty(most, np.int32), np.empty(size, np.uint8)


_room = _Room()


class Loading:
    """Whether the compiled pass is loaded, which `begin` does in a thread of its own.

    A process that reads many messages begins at its start; until the pass is there (0.5 s, but many
    seconds where it has to be compiled first), and in every other process, expat reads.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Load it, unless that has begun."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=load, name="plain", daemon=True)
                thread.start()
                self._thread = thread

    def done(self) -> bool:
        """Whether it is there."""
        return self._thread is not None and not self._thread.is_alive()


def load() -> None:
    """Load the compiled passes here and now; compile them first, where nobody has."""
    if (elements := elements_of(b"<a>0</a>", MESSAGE)) is not None:
        elements.instants([0])
        elements.decimals([0])


LOADED = Loading()
