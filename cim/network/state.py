"""The state of a grid: what conducts, what is supplied and what is earthed; by rows and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cim.network import phases
from cim.network.customers import Points
from cim.network.fit import Fit
from cim.network.grid import Grid
from cim.network.overlay import Changed, Overlay
from cim.network.phases import LIVE, SLOTS
from cim.network.topology import NOTHING, RESERVED, Bools, Bytes, Ints, at
from cim.network.trace import FROM_GROUNDS, NONE, Longs, Trace


@dataclass(frozen=True)
class Load:
    """What hangs at one node: the phases supplied there, bits, and whether it takes from them."""

    supplied: int
    connected: bool


@dataclass(frozen=True, eq=False)
class State:
    """One moment of a grid.

    supply: the trace from the sources.
    earth:  the trace from what is earthed on purpose.
    """

    grid: Grid
    overlay: Overlay
    fit: Fit
    supply: Trace
    earth: Trace

    @classmethod
    def of(cls, grid: Grid, overlay: Overlay, fit: Fit, ways: Trace) -> State:
        """The state by all facts; what is not supplied keeps the way it has in `ways`."""
        earth = Trace.empty(FROM_GROUNDS, grid.graph, grid.desk)
        return cls(
            grid,
            overlay,
            fit,
            ways.anew(fit.extra, fit.masks),
            earth.anew(fit.extra, fit.masks),
        )

    @classmethod
    def built(cls, grid: Grid, overlay: Overlay) -> State:
        """The state as the models say it, with `overlay` over it."""
        fit, _ = Fit.none(grid, grid.built).after(overlay, overlay.facts())
        return cls.of(grid, overlay, fit, grid.normal)

    @cached_property
    def normal(self) -> State:
        """The state by design."""
        fit = Fit.none(self.grid, self.grid.designed)
        earth = Trace.empty(FROM_GROUNDS, self.grid.graph, self.grid.desk)
        earth = earth.anew(fit.extra, fit.masks)
        return State(self.grid, Overlay(), fit, self.grid.normal, earth)

    def after(self, overlay: Overlay, changed: Sequence[Changed]) -> State:
        """The state once these facts have changed.  Raises: SpareIsUsedUp."""
        if not changed:
            return State(self.grid, overlay, self.fit, self.supply, self.earth)
        fit, arcs = self.fit.after(overlay, changed)
        supply, earth = self.supply, self.earth
        if len(arcs):
            supply = supply.after(fit.extra, fit.masks, arcs)
            earth = earth.after(fit.extra, fit.masks, arcs)
        return State(self.grid, overlay, fit, supply, earth)

    # -- places

    def places(self, row: int) -> tuple[Ints, Ints]:
        """Nodes and slots of a usage point, of a node, or of equipment at all its nodes."""
        grid = self.grid
        number = int(grid.customers.number[row])
        if number >= 0:
            places = grid.customers.places(number)
            return places // SLOTS, places % SLOTS
        nodes = grid.nodes(row)
        bits = LIVE if grid.node_of[row] >= 0 else grid.phases(row)
        slots = np.array(phases.slots(bits), np.int32)
        return np.repeat(nodes, len(slots)), np.tile(slots, len(nodes))

    def supplied(self, row: int) -> tuple[Ints, Bools]:
        """The slots of the places of an object, and which of them are supplied."""
        nodes, slots = self.places(row)
        reached = self.supply.reached(nodes)[np.arange(len(nodes)), slots]
        if not self._connected(row):
            reached = np.zeros_like(reached)
        return slots, reached

    def earthed(self, row: int) -> int:
        """The phases that are connected to earth, and not supplied; bits."""
        nodes, slots = self.places(row)
        return bits_of(slots[self.is_earthed(nodes)[np.arange(len(nodes)), slots]])

    def live_earthed(self, row: int) -> int:
        """The phases that are connected to earth, and supplied all the same; bits."""
        nodes, slots = self.places(row)
        both = self.earth.reached(nodes) & self.supply.reached(nodes)
        return bits_of(slots[both[np.arange(len(nodes)), slots]])

    def is_earthed(self, nodes: Ints) -> Bools:
        """Which places at these nodes are earthed, SLOTS a node."""
        return self.earth.reached(nodes) & ~self.supply.reached(nodes)

    def ever_supplied(self) -> Bools:
        """Which slots are, or once were, supplied anywhere."""
        found: Bools = (self.supply.everywhere() & NONE != NONE).any(axis=0)
        return found

    def dead_nodes(self) -> Ints:
        """The nodes that are supplied on no phase."""
        nodes = np.arange(RESERVED, self.grid.graph.nodes, dtype=np.int32)
        dead: Ints = nodes[~self.supply.reached(nodes).any(axis=1)]
        return dead

    def supplied_places(self, points: Points | None = None) -> Bools:
        """Which of the places of usage points they have supply from; without `points` of all."""
        points = points or self.grid.customers.all
        nodes, slots = points.place // SLOTS, points.place % SLOTS
        reached = self.supply.reached(nodes)[np.arange(len(nodes)), slots]
        loads = np.flatnonzero((points.on >= 0) & (at(self.grid.numbers.of, points.on) < 0))
        off = np.zeros(len(points.rows), np.bool_)
        off[loads] = ~self.serving(points.on[loads])
        found: Bools = reached & ~np.repeat(off, np.diff(points.start))
        return found

    def dead_points(self, points: Points | None = None) -> Ints:
        """The usage points that are not supplied on all their phases, by their place in `points`;
        without it of all, by number."""
        points = points or self.grid.customers.all
        phases_of = np.diff(points.start)
        owner = np.repeat(np.arange(len(phases_of)), phases_of)
        supplied = np.bincount(owner[self.supplied_places(points)], minlength=len(phases_of))
        dead = (supplied < phases_of) | (phases_of == 0)
        return np.flatnonzero(dead).astype(np.int32)

    def serving(self, rows: Ints) -> Bools:
        """Which of these objects are in service, and connected."""
        found: Bools = self.fit.given.service[rows]
        reported = np.array(list(self.fit.on), np.int32)
        for place in np.flatnonzero(np.isin(rows, reported)).tolist():
            found[place] = self.fit.in_service(self.overlay, int(rows[place]))
        return found

    def load(self, row: int) -> Load:
        """What hangs at one node."""
        nodes, slots = self.places(row)
        reached = self.supply.reached(nodes)[np.arange(len(nodes)), slots]
        return Load(bits_of(slots[reached]), self.fit.in_service(self.overlay, row))

    def called(self, number: int) -> str:
        """The mRID of an equipment number; of a patch what it was reported as."""
        rows = self.grid.numbers.rows
        if number < len(rows):
            return self.grid.objects.ids[int(rows[number])]
        return self.fit.patch_of(number).partition(" ")[2]

    def arcs(self, number: int) -> Ints:
        """The arcs of an equipment number, in both directions, also of a patch."""
        if number < len(self.grid.numbers.rows):
            return self.grid.arcs(number)
        held = (held for held in self.fit.patches.values() if held.number == number)
        return next((one.arcs for one in held), NOTHING)

    def _connected(self, row: int) -> bool:
        """Whether what hangs at one node only takes supply from there."""
        number = int(self.grid.customers.number[row])
        if number >= 0:
            row = int(self.grid.customers.on[number])
        if row < 0 or self.grid.numbers.of[row] >= 0:
            return True
        return self.fit.in_service(self.overlay, row)

    # -- ways

    def up(self, node: int, slot: int, trace: Trace | None = None) -> Longs:
        """The ways from a place to its source, `arc << 3 | slot`, the nearest first.

        trace: another one than that of supply; that of earth leads to an earth.
        """
        from cim.network import walks

        trace = trace or self.supply
        return walks.up(self.grid.graph.arcs, trace.pool.words, trace.table, node, slot)

    def below(self, entries: Longs, stop: Bytes | None = None) -> tuple[Longs, Longs]:
        """What is supplied through entries (`node << 5 | slots`), and the ways that `stop` ended.

        stop: for each equipment number whether to go no further.
        """
        from cim.network import walks

        net, trace = self.grid.graph, self.supply
        stop = np.empty(0, np.uint8) if stop is None else stop
        return walks.below(
            net.start, net.arcs, self.fit.extra, trace.pool.words, trace.table, entries, stop
        )

    def entries(self, row: int) -> Longs:
        """What is supplied through equipment, as entries at the nodes behind it."""
        number = int(self.grid.numbers.of[row])
        if number < 0:
            return np.empty(0, np.int64)
        return self.entries_of(self.grid.arcs(number))

    def entries_of(self, arcs: Ints) -> Longs:
        """What is supplied through these arcs, as entries at the nodes they start from."""
        table = self.grid.graph.arcs
        nodes = table[table[arcs, 2], 0]
        through = self.supply.ways(nodes) >> 3 == arcs[:, np.newaxis]
        slots = (through << np.arange(SLOTS)).sum(axis=1)
        found = nodes.astype(np.int64) << SLOTS | slots
        here: Longs = found[slots > 0]
        return here

    def rows(self, ways: Longs) -> Ints:
        """The object rows of the equipment that ways lead through; -1 for patches."""
        return self.rows_of(self.grid.graph.arcs[ways >> 3, 1])

    def rows_of(self, numbers: Ints) -> Ints:
        """The object rows of equipment numbers; -1 for patches."""
        rows = self.grid.numbers.rows
        return at(rows, np.where(numbers < len(rows), numbers, np.int32(-1)))


def bits_of(slots: Ints) -> int:
    """Slots as bits."""
    return int(np.bitwise_or.reduce(1 << slots, initial=0))


def entries(nodes: Ints, slots: Ints) -> Longs:
    """Places as entries, one a node."""
    distinct, place = np.unique(nodes, return_inverse=True)
    bits = np.zeros(len(distinct), np.int64)
    np.bitwise_or.at(bits, place, 1 << slots.astype(np.int64))
    return distinct.astype(np.int64) << SLOTS | bits


def places_in(found: Longs) -> Longs:
    """Entries as places, node x SLOTS + slot, ascending, each once."""
    slots = [(found[found >> slot & 1 == 1] >> SLOTS) * SLOTS + slot for slot in range(SLOTS)]
    return np.unique(np.concatenate(slots))
