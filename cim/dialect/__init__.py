"""Dialects: real messages are not quite what the standard says; what is tolerated has a name.

Each tolerance is a function that puts one kind of dirt right in the tree, between the gate and the
schema, and says where, from what and to what.  What is not granted to a sender is refused as ever.
"""

from __future__ import annotations

from cim.dialect.corrections import Correction, Note
from cim.dialect.dialect import DEFAULT, STRICT, TOLERANCES, Dialect, Dialects
from cim.dialect.hints import hinted
from cim.dialect.reading import Corrected, Read, correct, read, read_element

__all__ = [
    "DEFAULT",
    "STRICT",
    "TOLERANCES",
    "Corrected",
    "Correction",
    "Dialect",
    "Dialects",
    "Note",
    "Read",
    "correct",
    "hinted",
    "read",
    "read_element",
]
