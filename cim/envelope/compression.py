"""Compressed payloads: gzip, then base64; uuencode, the word of the standard, is read too."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable

from cim.parse import inflate
from cim.violation import Refusal


def pack(payload: Iterable[bytes | memoryview]) -> str:
    """The text of a Compressed element; the same bytes always give the same text."""
    stream = zlib.compressobj(level=6, wbits=31)
    packed = [stream.compress(piece) for piece in payload]
    return base64.b64encode(b"".join((*packed, stream.flush()))).decode("ascii")


def unpack(text: str, limit: int) -> bytes:
    """The payload in the text of a Compressed element.

    Raises: Refusal, for what is neither encoding, no gzip, or holds more than `limit` bytes.
    """
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        packed = _uudecode(text)
    return inflate(packed, limit)


def _uudecode(text: str) -> bytes:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if lines and lines[0].startswith("begin "):
        lines = lines[1:]
    try:
        return b"".join(binascii.a2b_uu(line) for line in lines if line.strip() != "end")
    except (binascii.Error, ValueError):
        raise Refusal.of("1.8", "The compressed payload is neither base64 nor uuencoded.") from None
