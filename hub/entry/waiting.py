"""How much lies in a watch folder that the hub has not taken: back-pressure for what fills it."""

from __future__ import annotations

from pathlib import Path


def is_full(folder: Path, most: int) -> bool:
    """Whether `most` files wait in it; then no more are brought, and stay where they are."""
    waiting = 0
    for path in folder.iterdir():
        waiting += path.is_file() and not path.name.startswith(".")
        if waiting >= most:
            return True
    return False
