"""The envelope of IEC 61968-100:2013: bytes to `Message` and back, generic and strongly typed."""

from __future__ import annotations

from cim.envelope.reading import read, read_element
from cim.envelope.strong import typed, typed_root
from cim.envelope.writing import write, write_element

__all__ = ["read", "read_element", "typed", "typed_root", "write", "write_element"]
