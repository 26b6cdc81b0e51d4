"""The switches of the models, and on which phases they are closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cim.network.classes import SWITCHES
from cim.network.phases import LIVE, SLOTS
from cim.network.statements import Statements
from cim.network.terminals import live
from cim.network.topology import Bools, Bytes, Ints


@dataclass(frozen=True, eq=False)
class Poles:
    """Poles that are stated one by one.

    switch:   number of the switch of each.
    one, two: bit of the phase on side 1 and on side 2.
    row:      its own object row.
    """

    switch: Ints
    one: Ints
    two: Ints
    row: Ints


@dataclass(frozen=True, eq=False)
class Switches:
    """All switches, numbered.

    rows:   object row of each.
    number: for each object its switch number, -1 where it is none.
    bits:   bits of the phases it has poles for.
    phased: whether its poles are stated one by one.
    """

    rows: Ints
    number: Ints
    bits: Ints
    phased: Bools
    poles: Poles

    @classmethod
    def of(cls, said: Statements, stated: Ints) -> Switches:
        is_switch = said.flags(*SWITCHES)
        phase, owner = said.link("SwitchPhase.Switch")
        is_switch[owner] = True
        is_switch[said.value("Switch.open", "Switch.normalOpen")[0]] = True
        rows = np.flatnonzero(is_switch).astype(np.int32)
        number = said.column((rows, np.arange(len(rows), dtype=np.int32)))
        phased = np.zeros(len(rows), np.bool_)
        phased[number[owner]] = True
        one = said.of(phase, said.value("SwitchPhase.phaseSide1"), 0) & LIVE
        two = said.of(phase, said.value("SwitchPhase.phaseSide2"), 0) & LIVE
        one, two = np.where(one, one, two), np.where(two, two, one)
        single = (np.bitwise_count(one) == 1) & (np.bitwise_count(two) == 1)
        poles = Poles(number[owner[single]], one[single], two[single], phase[single])
        return cls(rows, number, live(stated[rows]), phased, poles)

    def closed(self, said: Statements, *, normal: bool) -> Bytes:
        """On which phases each is closed, as operated or as designed; one stands in for the other.

        bits, of the phase on side 1.
        """
        closed = self.bits.copy()
        now = said.value("Switch.open"), said.value("SwitchPhase.closed")
        rows, is_open = said.value("SwitchPhase.normalOpen")
        designed = said.value("Switch.normalOpen"), (rows, 1 - is_open)
        for whole, single in (now, designed) if normal else (designed, now):
            is_open = said.of(self.rows, whole)
            closed = np.where(is_open == 0, self.bits, np.where(is_open == 1, 0, closed))
            pole = said.of(self.poles.row, single)
            for state, change in ((0, np.bitwise_and), (1, np.bitwise_or)):
                here = pole == state
                bit = self.poles.one[here]
                change.at(closed, self.poles.switch[here], bit if state else ~bit)
        return closed.astype(np.uint8)


def slots(bits: Ints) -> Ints:
    """The slot of single bits."""
    number = np.zeros(1 << SLOTS, np.int32)
    number[1 << np.arange(SLOTS)] = np.arange(SLOTS)
    found: Ints = number[bits]
    return found
