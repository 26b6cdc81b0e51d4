"""Loads the library of OpenDSS so that changes of the environment do it no harm."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

_Text = ctypes.POINTER(ctypes.c_char)


@cache
def engine() -> Any:
    """The library of OpenDSS.

    Its Pascal run-time keeps the array of environment variables there is when it is loaded, and
    reads it again at the first call of every thread.  By then `os.environ[...] = ...` may have
    moved the array and freed what it was: the process ends by a segmentation fault.  It is given a
    copy that stays.
    """
    _kept.append(_environment())
    from dss import DSS

    return DSS


_kept: list[Any] = []
"""What the library points to."""


def _environment() -> Any:
    """Make a copy of the array, never to be freed, that of the process.

    The C library frees only arrays that it has made, and never the texts.
    """
    environ = ctypes.POINTER(_Text).in_dll(ctypes.CDLL(None), "environ")
    count = 0
    while environ[count]:
        count += 1
    copy = (_Text * (count + 1))(*environ[:count])
    ctypes.cast(ctypes.addressof(environ), ctypes.POINTER(ctypes.c_void_p))[0] = ctypes.addressof(
        copy
    )
    return copy
