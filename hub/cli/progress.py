"""A bar on stderr for what takes long, where somebody is looking."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

LARGE = 5_000_000
"""Bytes from which a file gets a bar."""

_WIDTH = 30
_EVERY = 0.1  # seconds

Tell = Callable[[int], None]
"""Told how many bytes are done."""


@contextmanager
def progress(what: str, size: int, stream: TextIO | None = None) -> Iterator[Tell]:
    """Show how much of `size` bytes is done; nothing for small things, and in a file or pipe."""
    stream = sys.stderr if stream is None else stream
    if size <= LARGE or not stream.isatty():
        yield lambda _done: None
        return
    bar = _Bar(what, size, stream)
    try:
        bar.tell(0)
        yield bar.tell
    finally:
        bar.clear()


class _Bar:
    def __init__(self, what: str, size: int, stream: TextIO) -> None:
        self._what, self._size, self._stream = what, size, stream
        self._shown = float("-inf")

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now - self._shown < _EVERY:
            return
        self._shown = now
        full = min(_WIDTH, done * _WIDTH // self._size)
        bar = "#" * full + "." * (_WIDTH - full)
        mega = f"{done / 1e6:.0f} of {self._size / 1e6:.0f} MB"
        self._stream.write(f"\r{self._what} [{bar}] {mega}\x1b[K")
        self._stream.flush()

    def clear(self) -> None:
        self._stream.write("\r\x1b[K")
        self._stream.flush()
