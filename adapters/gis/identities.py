"""Identities: a UUID as it is, anything else as a UUID of version 5 out of system, layer and id."""

from __future__ import annotations

import re
import uuid
from typing import Any

_SPACE = uuid.UUID("6f1c6a0e-0f0b-5f0a-9d9c-0a7f1a3d5b21")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z")
_IRI = re.compile(r"#.|urn:.|_:.|[A-Za-z][A-Za-z0-9+.-]*://.")


def of(system: str, layer: str, value: Any) -> str:
    """The identity of an object of a layer, as a document spells it."""
    found = text(value)
    bare = found[1:-1] if found[:1] == "{" and found[-1:] == "}" else found
    if _UUID.match(bare):
        return f"urn:uuid:{bare}"
    return made(system, layer, found)


def made(*parts: str) -> str:
    """An identity that follows from these words."""
    return uuid.uuid5(_SPACE, "\0".join(parts)).urn


def as_is(value: Any) -> str:
    """The identity that is an mRID itself."""
    found = text(value)
    if _UUID.match(found):
        return f"urn:uuid:{found}"
    return found if _IRI.match(found) else f"#_{found}"


def text(value: Any) -> str:
    """A value of an identity column in words: 7, 7.0 and "7" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
