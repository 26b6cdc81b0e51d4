"""Currents through equipment from the voltages at its terminals, by its primitive admittances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from cim.electrical.yprim import Primitive
from dms_apps.solver.energised import Bools
from dms_apps.solver.layout import Ints, Layout
from dms_apps.solver.solution import Complex


@dataclass(frozen=True, eq=False)
class Poles:
    """Every pole of a switch with two ends.

    one, two: its conductors at the first and at the second terminal.
    """

    one: Ints
    two: Ints

    @classmethod
    def of(cls, layout: Layout) -> Poles:
        one, two = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for switch in layout.view.switches:
            if len(switch.ends) > 1:
                rows, count = layout.rows(switch.mrid), len(switch.poles)
                one.append(np.arange(rows.start, rows.start + count))
                two.append(np.arange(rows.start + count, rows.stop))
        return cls(np.concatenate(one), np.concatenate(two))


@dataclass(frozen=True, eq=False)
class Flows:
    """What lines, transformers, shunts, sources and switches carry.

    present: the primitive admittance of each element of `Layout.primitives` now.
    through: conductors by places, siemens: of these elements, without switches.
    """

    layout: Layout
    poles: Poles
    present: tuple[Primitive, ...]
    through: csr_matrix

    @classmethod
    def of(cls, layout: Layout, present: Sequence[Primitive]) -> Flows:
        """Of everything."""
        some = dict(enumerate(present))
        return cls(layout, Poles.of(layout), tuple(present), _rows(layout, some))

    def changed(self, some: Mapping[int, Primitive]) -> Flows:
        """With other admittances of some elements, by number."""
        if not some:
            return self
        present = list(self.present)
        added = {}
        for at, primitive in some.items():
            added[at] = replace(primitive, y=primitive.y - present[at].y)
            present[at] = primitive
        through = self.through + _rows(self.layout, added)
        return replace(self, present=tuple(present), through=through)

    def currents(self, volts: Complex, closed: Bools, ohm: float) -> Complex:
        """Amperes by conductor of the layout, from the place into the equipment.

        volts:  by place.
        closed: by pole; `ohm` of a closed one.
        """
        found = self.through @ volts
        place, one, two = self.layout.conductors.place, self.poles.one, self.poles.two
        across = np.where(closed, (volts[place[one]] - volts[place[two]]) / ohm, 0)
        found[one], found[two] = across, -across
        return np.asarray(found)


def _rows(layout: Layout, some: Mapping[int, Primitive]) -> csr_matrix:
    """The currents into some elements from voltages; rows of others are empty."""
    first, place = layout.first, layout.conductors.place
    at = np.fromiter(some, np.int64, len(some))
    width = first[at + 1] - first[at]
    size = width**2
    values = [primitive.y.ravel() for primitive in some.values()]
    inner = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    begin, across = np.repeat(first[at], size), np.repeat(width, size)
    joined = (begin + inner // across, place[begin + inner % across])
    shape = (len(place), len(layout.places))
    return coo_matrix((np.concatenate([*values, _NONE]), joined), shape).tocsr()


_NONE = np.empty(0, np.complex128)
