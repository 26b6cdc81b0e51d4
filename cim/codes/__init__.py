"""The codes of IEC 61968-9 as data: events, controls, reading types, qualities, replies.

The tables hold facts that are public, in our words.  A number they do not hold is unknown, and
is said to be.
"""

from __future__ import annotations

from cim.codes.explanation import Explanation, Part, explain, unheard_of
from cim.codes.listing import KINDS, Listed, listed
from cim.codes.meaning import Meaning
from cim.codes.sources import Codes

__all__ = [
    "KINDS",
    "Codes",
    "Explanation",
    "Listed",
    "Meaning",
    "Part",
    "explain",
    "listed",
    "unheard_of",
]
