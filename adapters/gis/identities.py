"""Identities: a UUID as it is, anything else as a UUID of version 5 out of system, layer and id."""

from __future__ import annotations

import hashlib
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
    """An identity that follows from these words: as `uuid.uuid5`, several times as quick."""
    name = "\0".join(parts).encode("utf-8", "surrogatepass")
    x = hashlib.sha1(_SPACE.bytes + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(x[16], 16) & 3]
    return f"urn:uuid:{x[:8]}-{x[8:12]}-5{x[13:16]}-{variant}{x[17:20]}-{x[20:32]}"


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
