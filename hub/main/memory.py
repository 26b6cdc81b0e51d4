"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 1 << 20  # bytes


def give_back() -> None:
    """Give large arrays memory of their own for as long as they live.

    Left to itself the C library soon puts arrays of up to 32 MB on its heap, where those that stay
    hold the room of those that went: a hub that had taken models of 150,000 nodes held 1.1 GB of
    which it used a third.  Does nothing where the C library has no such setting.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
