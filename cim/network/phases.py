"""Phases as bits: a set of phases is one small number, in columns and in arithmetic."""

from __future__ import annotations

import re
from functools import cache

NAMES = ("A", "B", "C", "s1", "s2")
"""The phases that carry supply; the place in this tuple is the slot of a phase at a node."""

SLOTS = len(NAMES)
ABC = 0b00111
SECONDARY = 0b11000
LIVE = 0b11111
NEUTRAL = 0b100000

_WORD = re.compile(r"[A-CN]|s(?=[12])|[12]")
_BITS = {"A": 1, "B": 2, "C": 4, "1": 8, "2": 16, "N": NEUTRAL, "s": 0}


@cache
def bits(code: str) -> int:
    """The phases named by a CIM code: "ABCN", "s1", "s12N", "Ns2", or a URI ending so; 0 for none.

    Reads PhaseCode, SinglePhaseKind and OrderedPhaseCodeKind alike.
    """
    word = re.split(r"[.#]", code)[-1]
    if word == "none":
        return 0
    found = _WORD.findall(word)
    if "".join(found) != word:
        raise ValueError(f"{word} names no phases; ABC, N, s1 and s2 are known")
    return sum({_BITS[letter] for letter in found})


@cache
def names(phases: int) -> frozenset[str]:
    """The supplying phases in `phases`, by name; the neutral is none."""
    return frozenset(listed(phases))


@cache
def listed(phases: int) -> tuple[str, ...]:
    """The same, in the order in which people name them."""
    return tuple(NAMES[slot] for slot in slots(phases))


@cache
def slots(phases: int) -> tuple[int, ...]:
    """The supplying phases in `phases`, by slot."""
    return tuple(slot for slot in range(SLOTS) if phases >> slot & 1)
