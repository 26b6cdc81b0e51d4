"""How long texts may be, and how large numbers, that applications keep of messages."""

from __future__ import annotations

import uuid

LONGEST = 200  # characters of a name, a number or a user
PROSE = 1000  # characters of a cause or a reason
LARGEST = 2**31 - 1  # of what is counted


def counted(said: int | None) -> int | None:
    """A number of things; None, as where nothing is said, for one that cannot be."""
    return said if said is not None and 0 <= said <= LARGEST else None


def fitting(identity: str, longest: int = LONGEST) -> str:
    """What something is called, or else what stands for that alone."""
    return identity if len(identity) <= longest else str(uuid.uuid5(uuid.NAMESPACE_OID, identity))


def short(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning."""
    return text[:longest]


def whole(text: str | None, longest: int = LONGEST) -> str | None:
    """The text; None, as where nothing is said, for one of which the beginning would say something
    else, such as a telephone number."""
    return text if text is not None and len(text) <= longest else None
