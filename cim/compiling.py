"""Machine code for loops over arrays, kept on disk; imported only by modules of such loops."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numba


def kept(loop: Any, beside: Iterable[Path], signatures: Iterable[Any] = (), **options: Any) -> Any:
    """The loop in machine code, kept on disk for the next process; it lets go of the GIL.

    Numba keeps it as long as the file of the loop stays as it is.  Loops of one file call those of
    another, so that a change in any file `beside` it counts, too.

    signatures: for which it is compiled or loaded here and now; without any, at its first call.
    """
    compiled: Any
    try:
        compiled = numba.njit(cache=True, nogil=True, **options)(loop)
    except RuntimeError:  # there is no place to keep it that may be written to
        compiled = numba.njit(nogil=True, **options)(loop)
    else:
        files = [path.stat() for path in (Path(loop.__code__.co_filename), *beside)]
        stamp = [(file.st_mtime_ns, file.st_size) for file in files]
        compiled._cache._cache_file._source_stamp = stamp
    for signature in signatures:
        compiled.compile(signature)
    return compiled
