"""How long texts may be, and how large numbers, that applications keep of messages."""

from __future__ import annotations

LONGEST = 200  # characters of a name, a number or a user
LARGEST = 2**31 - 1  # of what is counted


def counted(said: int | None) -> int | None:
    """A number of things; None, as where nothing is said, for one that cannot be."""
    return said if said is not None and 0 <= said <= LARGEST else None


def short(text: str) -> str:
    """The text, or its beginning."""
    return text[:LONGEST]
