"""NodeIds of OPC UA as a table writes them, and what status codes say; no connection, no library.

Sources: OPC 10000-6 (text form of a NodeId), OPC 10000-4 (StatusCode), OPC 10000-8 (codes of data
access), as commonly described: their texts were not at hand; the numbers are asyncua 2.1.0's.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from uuid import UUID

from adapters.scada.quality import FINE, Flag, Flags

_FORM = re.compile(r"(?:ns=(?P<index>\d+);|nsu=(?P<uri>[^;]+);)?(?P<kind>[isgb])=(?P<value>.+)")
_LAST_INDEX = 65_535
_LAST_NUMBER = 2**32 - 1

# BadUserAccessDenied, BadNodeIdInvalid, BadNodeIdUnknown, BadAttributeIdInvalid, BadNotReadable
_REFUSED = frozenset({0x801F0000, 0x80330000, 0x80340000, 0x80350000, 0x803A0000})
_WORDS = {
    0x00960000: {Flag.SUBSTITUTED},  # GoodLocalOverride
    0x408F0000: {Flag.OLD_DATA},  # UncertainNoCommunicationLastUsableValue
    0x40900000: {Flag.OLD_DATA},  # UncertainLastUsableValue
    0x40910000: {Flag.SUBSTITUTED, Flag.SUSPECT},  # UncertainSubstituteValue
    0x40930000: {Flag.BAD_REFERENCE},  # UncertainSensorNotAccurate
    0x40940000: {Flag.OUT_OF_RANGE},  # UncertainEngineeringUnitsExceeded
    0x80310000: {Flag.FAILURE, Flag.OLD_DATA},  # BadNoCommunication
    0x808A0000: {Flag.FAILURE, Flag.OLD_DATA},  # BadNotConnected
}
_SEVERITY = 0xC0000000
_CODE = 0xFFFF0000
_OVERFLOWN = 0x0480  # of a data value: its queue has lost some


def wrong(text: str) -> str:
    """Why `text` is no NodeId; "" when it is one."""
    found = _FORM.fullmatch(text)
    if not found:
        return "is no NodeId, e.g. ns=2;s=Bay1.Current or nsu=urn:x;i=7"
    if found["index"] and int(found["index"]) > _LAST_INDEX:
        return f"has a namespace index above {_LAST_INDEX}"
    kind, value = found["kind"], found["value"]
    return "" if _READ[kind](value) else f"is no NodeId: {kind}={value} is no {_NAMES[kind]}"


def namespace(text: str) -> tuple[str, str]:
    """The URI of its namespace, "" where it has an index or none, and what follows it."""
    found = _FORM.fullmatch(text)
    if not found or not found["uri"]:
        return "", text
    uri = found["uri"].replace("%3B", ";").replace("%25", "%")
    return uri, f"{found['kind']}={found['value']}"


def is_bad(status: int) -> bool:
    """Whether the value beside it is none."""
    return status & _SEVERITY >= 0x80000000


def is_refused(status: int) -> bool:
    """Whether the node is none that can be read, whatever becomes of the process."""
    return status & _CODE in _REFUSED


def has_overflown(status: int) -> bool:
    """Whether values before this one were lost."""
    return status & _OVERFLOWN == _OVERFLOWN


def quality(status: int) -> Flags:
    """What a StatusCode says of a value; a code that is not known counts by its severity."""
    if words := _WORDS.get(status & _CODE):
        return frozenset(words)
    if is_bad(status):
        return frozenset({Flag.FAILURE})
    return frozenset({Flag.SUSPECT}) if status & _SEVERITY else FINE


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and int(value) <= _LAST_NUMBER


def _is_guid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_bytes(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


_READ: dict[str, Callable[[str], bool]] = {
    "i": _is_number,
    "s": str.isprintable,
    "g": _is_guid,
    "b": _is_bytes,
}
_NAMES = {"i": "number up to 4294967295", "s": "text", "g": "GUID", "b": "base64"}
