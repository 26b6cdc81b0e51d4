"""Files that outlast a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, and on disk for good.  Raises: OSError."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_names(path.parent)


def sync_names(folder: Path) -> None:
    """The names in it are on disk for good; of what is in its files nothing is said."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
