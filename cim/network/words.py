"""Compiled parts of loops: what the words of a trace say.

A place (one phase slot at one node) is told in one number, `depth << 32 | arc << 3 | slot`: how far
it is from the root, and the arc of its own node, and the slot there, that it is supplied through.
The lower of two such numbers is the better way, so a trace says the same however it came about.
Where a place is not reached (any more), the depth is FAR and the rest stays; BLANK is a place that
never was reached.

A node has one word.  As a rule it says all its places at once, `depth << 36 | arc << 8 | feeding <<
5 | slots`: `slots`, as bits, are supplied through this arc, each by its own slot (`feeding` is
STRAIGHT) or all by the slot `feeding`; the others never were reached.  Where that is not so, the
word is negative, `-begin`, and the places of the node lie in the pool from `begin`, SLOTS of them.
What can be said in the first manner is said so.

A queue of a trace has entries `arc << 29 | node << 5 | slots`: slots of a node to go on from, and
the arc of it over which the trace came there, NO_ARC where that does not matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cim.network.compiling import compiled, step
from cim.network.pages import BLANK, FAR, NONE, SHIFT, SIZE, Longs
from cim.network.phases import SLOTS
from cim.network.topology import Ints

DEPTH_AT, ARC_AT, FEEDING_AT = 36, 8, 5
LIVE, ARCS = 31, 0xFFFFFFF
STRAIGHT = 5
REST = (1 << DEPTH_AT) - 1
"""All of a word but the depth."""
CAME_AT, NO_ARC = 29, ARCS

u = np.uint64
Whole = Any


@step
def entry_of(arc: Whole, node: Whole, slots: Whole) -> Whole:
    """An entry in a queue."""
    return np.int64(arc) << CAME_AT | node << SLOTS | slots


@step
def node_of(entry: Whole) -> Whole:
    """The node of an entry in a queue."""
    return (entry & ((1 << CAME_AT) - 1)) >> SLOTS


@step
def index_of(table: Ints, node: Whole) -> Whole:
    """Where in the pool the word of a node is."""
    return np.int64(table[u(node >> SHIFT)]) << SHIFT | (node & (SIZE - 1))


@step
def place_in(pool: Longs, word: Whole, slot: Whole) -> Whole:
    """What a word says of a slot."""
    if word < 0:
        return pool[u(slot - word)]
    if not word >> slot & 1:
        return np.int64(BLANK)
    feeding = word >> FEEDING_AT & 7
    by = np.int64(slot if feeding == STRAIGHT else feeding)
    return word >> DEPTH_AT << 32 | (word >> ARC_AT & ARCS) << 3 | by


@step
def place_at(pool: Longs, table: Ints, node: Whole, slot: Whole) -> Whole:
    """What is said of a place."""
    return place_in(pool, pool[u(index_of(table, node))], slot)


@step
def fed_over(pool: Longs, word: Whole, arc: Whole, slots: Whole) -> Whole:
    """The slots that are, or were, supplied through this arc by one of `slots`, bits."""
    if word < 0:
        fed: Whole = np.int64(0)
        for slot in range(SLOTS):
            place = pool[u(slot - word)]
            fed |= np.int64((place & NONE) >> 3 == arc and slots >> (place & 7) & 1) << slot
        return fed
    if word >> ARC_AT & ARCS != arc:
        return np.int64(0)
    feeding = word >> FEEDING_AT & 7
    if feeding == STRAIGHT:
        return word & slots & LIVE
    return word & LIVE if slots >> feeding & 1 else np.int64(0)


@compiled
def places_of(pool: Longs, table: Ints, nodes: Ints) -> Longs:
    """The places at these nodes, SLOTS a node."""
    found = np.empty((len(nodes), SLOTS), np.int64)
    for at in range(len(nodes)):
        word = pool[u(index_of(table, nodes[at]))]
        for slot in range(SLOTS):
            found[at, slot] = place_in(pool, word, slot)
    return found


@compiled
def reached_of(pool: Longs, table: Ints, nodes: Ints) -> NDArray[np.bool_]:
    """Which places at these nodes are reached, SLOTS a node."""
    found = np.empty((len(nodes), SLOTS), np.bool_)
    for at in range(len(nodes)):
        word = pool[u(index_of(table, nodes[at]))]
        for slot in range(SLOTS):
            found[at, slot] = place_in(pool, word, slot) < FAR << 32
    return found
