"""The ways through equipment, from one node to the next, as the models describe them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.classes import GROUND_DISCONNECTOR, SOURCES, TRANSFORMER
from cim.network.phases import LIVE, SECONDARY
from cim.network.statements import Statements
from cim.network.switches import Switches
from cim.network.terminals import TANK_PHASES, Terminals, connected, live, winding_owner
from cim.network.topology import EARTH, GALVANIC_END, SUPPLY, Bytes, Couplings, Ints, Ways


@dataclass(frozen=True, eq=False)
class Numbers:
    """Equipment that conducts, numbered; switches come first, as they are numbered themselves.

    rows: object row of each.
    of:   for each object its number, -1 where it has none.
    """

    rows: Ints
    of: Ints


def ways(
    said: Statements, terminals: Terminals, switches: Switches, stated: Ints
) -> tuple[Ways, Bytes, Numbers]:
    """All ways, the table of couplings that they name, and the numbers of the equipment.

    `Ways.number` of the result is an equipment number.
    """
    couplings = Couplings()
    found = [
        _branches(said, terminals, switches, stated),
        _crossings(said, terminals, switches, couplings),
        _windings(said, terminals, couplings),
        _supplies(said, terminals, stated),
        _grounds(said, terminals, stated),
    ]
    columns = zip(*found, strict=True)
    one, two, equipment, straight, coupling = (np.concatenate(column) for column in columns)
    is_switch = switches.number >= 0
    there = np.zeros(len(said.ids), np.bool_)
    there[equipment] = True
    rows = np.concatenate([switches.rows, np.flatnonzero(there & ~is_switch).astype(np.int32)])
    numbers = said.column((rows, np.arange(len(rows), dtype=np.int32)))
    whole = Ways(one, two, numbers[equipment], straight, coupling)
    return whole, couplings.table(), Numbers(rows, numbers)


def _straight(one: Ints, two: Ints, equipment: Ints, bits: Ints) -> Ways:
    return Ways(one, two, equipment, bits.astype(np.int32), np.zeros(len(one), np.int32))


def _heads(said: Statements, terminals: Terminals) -> tuple[Ints, Ints]:
    """The first terminal of each branch, and the other ends: with more than two, one by one."""
    place = np.arange(len(terminals.row), dtype=np.int32)
    head = np.maximum.accumulate(np.where(terminals.first, place, np.int32(0)))
    joined = connected(said, terminals)
    ends = ~terminals.first & joined & joined[head]
    ends &= ~said.is_of(terminals.equipment, TRANSFORMER, GROUND_DISCONNECTOR)
    return head[ends], place[ends]


def _branches(said: Statements, terminals: Terminals, switches: Switches, stated: Ints) -> Ways:
    """Everything with two terminals or more but transformers."""
    head, end = _heads(said, terminals)
    equipment = terminals.equipment[end]
    bits = live(stated[equipment])
    number = switches.number[equipment]
    poles = switches.poles
    plain = np.zeros(len(switches.rows), np.int32)
    same = poles.one == poles.two
    np.bitwise_or.at(plain, poles.switch[same], poles.one[same])
    phased = number >= 0
    phased[phased] = switches.phased[number[phased]]
    bits[phased] = plain[number[phased]]
    return _straight(terminals.node[head], terminals.node[end], equipment, bits)


def _crossings(
    said: Statements, terminals: Terminals, switches: Switches, couplings: Couplings
) -> Ways:
    """Poles of switches that join one phase to another."""
    head, end = _heads(said, terminals)
    poles = switches.poles
    cross = np.flatnonzero(poles.one != poles.two)
    rows = switches.rows[poles.switch[cross]]
    places = np.arange(len(end), dtype=np.int32)
    branch = said.of(rows, (terminals.equipment[end], places))
    here = branch >= 0
    branch = branch[here]
    cross, rows = cross[here], rows[here]
    one, two = poles.one[cross], poles.two[cross]
    coupling = [couplings.pole(a, b) for a, b in zip(one.tolist(), two.tolist(), strict=True)]
    return Ways(
        terminals.node[head[branch]],
        terminals.node[end[branch]],
        rows,
        np.zeros(len(rows), np.int32),
        np.array(coupling, np.int32),
    )


def _windings(said: Statements, terminals: Terminals, couplings: Couplings) -> Ways:
    """Transformers: from the first winding of each tank to each other one.

    A phase on both sides joins them both ways.  A phase that only the other winding has, such as
    s1 of a center-tapped secondary, is fed by every phase of the first one, and does not feed back.
    """
    ends, group, owner = winding_owner(said)
    places = np.arange(len(terminals.row), dtype=np.int32)
    terminal = said.of(ends, said.link("TransformerEnd.Terminal"))
    at = said.of(terminal, (terminals.row, places))
    usable = at >= 0
    usable[usable] = connected(said, terminals)[at[usable]]
    ends, group, owner, at = ends[usable], group[usable], owner[usable], at[usable]
    bits = said.of(ends, said.value(*TANK_PHASES), 0) & LIVE
    bits = live(np.where(bits, bits, terminals.phases[at]))
    number = said.of(ends, said.value("TransformerEnd.endNumber"), 99)
    order = np.lexsort((ends, number, group))
    group, owner, bits, node = group[order], owner[order], bits[order], terminals.node[at[order]]
    place = np.arange(len(group), dtype=np.int32)
    first = np.diff(group, prepend=np.int32(-1)) != 0
    head = np.maximum.accumulate(np.where(first, place, np.int32(0)))[~first]
    return _coupled(
        np.stack([node[head], node[~first]]),
        np.stack([bits[head], bits[~first]]),
        owner[~first],
        couplings,
    )


def _coupled(node: Ints, bits: Ints, owner: Ints, couplings: Couplings) -> Ways:
    """Ways between pairs of windings; row 0 is the side that feeds."""
    reverse = (bits[0] & SECONDARY != 0) & (bits[1] & SECONDARY == 0)
    one, two = np.where(reverse, node[::-1], node)
    feeding, fed = np.where(reverse, bits[::-1], bits)
    alone = fed & ~feeding
    pairs = np.where(alone, feeding << 8 | alone, 0)
    distinct, place = np.unique(pairs, return_inverse=True)
    rows = [couplings.row(LIVE, p >> 8, p & LIVE) if p else 0 for p in distinct.tolist()]
    coupling = np.array(rows, np.int32)[place]
    return Ways(one, two, owner, feeding & fed | np.int32(GALVANIC_END), coupling)


def _supplies(said: Statements, terminals: Terminals, stated: Ints) -> Ways:
    """Sources feed the phases they state, or all three."""
    here = said.is_of(terminals.equipment, *SOURCES) & connected(said, terminals)
    equipment, node = terminals.equipment[here], terminals.node[here]
    root = np.full(len(node), SUPPLY, np.int32)
    return _straight(root, node, equipment, live(stated[equipment]))


def _grounds(said: Statements, terminals: Terminals, stated: Ints) -> Ways:
    """Ground disconnectors join what they are at to earth, not to what is on their other side."""
    here = said.is_of(terminals.equipment, GROUND_DISCONNECTOR) & connected(said, terminals)
    equipment, node = terminals.equipment[here], terminals.node[here]
    root = np.full(len(node), EARTH, np.int32)
    return _straight(root, node, equipment, live(stated[equipment]))
