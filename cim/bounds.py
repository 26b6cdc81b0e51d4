"""How long texts may be, and how large numbers, that applications keep of messages."""

from __future__ import annotations

import uuid

LONGEST = 200  # characters of a name, a number or a user
LARGEST = 2**31 - 1  # of what is counted


def counted(said: int | None) -> int | None:
    """A number of things; None, as where nothing is said, for one that cannot be."""
    return said if said is not None and 0 <= said <= LARGEST else None


def fitting(identity: str, longest: int = LONGEST) -> str:
    """What something is called, or else what stands for that alone."""
    return identity if len(identity) <= longest else str(uuid.uuid5(uuid.NAMESPACE_OID, identity))


def short(text: str) -> str:
    """The text, or its beginning."""
    return text[:LONGEST]
