"""How loops over arrays become machine code; imported only by modules of such loops.

Numba takes a third of a second to load, so what needs these loops imports them where it calls them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Loop = TypeVar("_Loop", bound=Callable[..., object])
_njit: Any = numba.njit


def compiled(loop: _Loop) -> _Loop:
    """The loop in machine code, kept on disk for the next process; it lets go of the GIL."""
    return cast(_Loop, _njit(cache=True, nogil=True)(loop))


def over_text(*kinds: str) -> Callable[[_Loop], _Loop]:
    """As `compiled`, for loops over blobs: one machine code, whether they may be written to or not.

    kinds: of the arguments, "blob" or one that numba knows.
    """
    blob = numba.types.Array(numba.uint8, 1, "C", readonly=True)
    ends = numba.types.Array(numba.int64, 1, "C", readonly=True)
    rows = numba.types.Array(numba.int32, 1, "C", readonly=True)
    hashes = numba.types.Array(numba.uint64, 1, "C", readonly=True)
    shift = numba.uint64
    known = {"blob": blob, "ends": ends, "rows": rows, "hashes": hashes, "shift": shift}
    signature = tuple(known[kind] for kind in kinds)

    def decorate(loop: _Loop) -> _Loop:
        return cast(_Loop, _njit([signature], cache=True, nogil=True)(loop))

    return decorate


def lean(loop: _Loop) -> _Loop:
    """As `compiled`, for loops that make no array.

    Without reference counts (`_nrt`): they cost several times what a step of a trace does, when an
    array is handed to a function in it.
    """
    return cast(_Loop, _njit(cache=True, nogil=True, _nrt=False)(loop))


def step(loop: _Loop) -> _Loop:
    """A part of a lean loop, put in where it is called."""
    return cast(_Loop, _njit(nogil=True, _nrt=False, forceinline=True)(loop))


def stage(loop: _Loop) -> _Loop:
    """A part of a lean loop that has loops of its own."""
    return cast(_Loop, _njit(nogil=True, _nrt=False)(loop))
