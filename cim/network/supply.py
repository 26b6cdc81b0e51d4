"""What can be asked about supply: by what a place is fed, what is fed through equipment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cim.network import earths, islands, isolation, paths, phases
from cim.network.earths import LiveEarth
from cim.network.fastening import present
from cim.network.islands import Island
from cim.network.isolation import Isolation
from cim.network.loops import Loop, Ring, rings
from cim.network.paths import Area
from cim.network.served import Served, ways_differ
from cim.network.state import bits_of, entries, places_in
from cim.network.things import Mrids, Things
from cim.network.topology import Ints, at


class Downstream:
    """All that is supplied through something, or was when it was last supplied."""

    def __init__(self, area: Area) -> None:
        self._area = area

    def _words(self, rows: Ints) -> Mrids:
        return Mrids(self._area.state.grid.objects.ids, rows)

    @property
    def nodes(self) -> Mrids:
        return self._words(self._area.node_rows)

    @property
    def equipment(self) -> Mrids:
        """What is at these nodes only."""
        return self._words(self._area.equipment)

    @property
    def usage_points(self) -> Mrids:
        """What has a phase there."""
        return self._words(self._area.usage_points)


class Supply(Things):
    """Supply, per phase."""

    def energised_phases(self, mrid: str) -> frozenset[str]:
        """The phases supplied now at a usage point, a node or equipment (at any of its sides)."""
        slots, reached = self._state.supplied(self._row(mrid))
        return phases.names(bits_of(slots[reached]))

    def dead_phases(self, mrid: str) -> frozenset[str]:
        """The phases that a usage point, a node (by design) or equipment has without supply now."""
        state, row = self._state, self._row(mrid)
        slots, reached = state.supplied(row)
        node = int(state.grid.node_of[row])
        own = present(state.grid, node) if node >= 0 else bits_of(slots)
        return phases.names(own & ~bits_of(slots[reached]))

    def is_energised(self, usage_point: str) -> bool:
        """Whether every phase of a usage point is supplied now."""
        _, reached = self._state.supplied(self._row(usage_point))
        return len(reached) > 0 and bool(reached.all())

    def earthed_phases(self, mrid: str) -> frozenset[str]:
        """The phases that closed ways connect to a placed ground or a closed ground disconnector.

        A phase that is supplied is none of them: see `live_earthed_phases`.  No earth passes a
        transformer: what is behind one counts as not earthed.
        """
        return phases.names(self._state.earthed(self._row(mrid)))

    def live_earthed_phases(self, mrid: str) -> frozenset[str]:
        """The phases that are connected to earth and supplied all the same: a danger to life."""
        return phases.names(self._state.live_earthed(self._row(mrid)))

    def earths_at(self, mrid: str) -> tuple[str, ...]:
        """The earth of each phase that is connected to one, supplied or not; of a placed ground
        what it was reported as."""
        state = self._state
        nodes, slots = state.places(self._row(mrid))
        reached = state.earth.reached(nodes)[np.arange(len(nodes)), slots]
        found: dict[str, None] = {}
        for node, slot in zip(nodes[reached].tolist(), slots[reached].tolist(), strict=True):
            ways = state.up(node, slot, state.earth).tolist()
            found[state.called(int(state.grid.graph.arcs[ways[-1] >> 3, 1]))] = None
        return tuple(found)

    def feed_points(self, mrid: str) -> Mapping[str, str]:
        """The source of each phase that is supplied now; of a mobile source its own name."""
        found: dict[str, str] = {}
        nodes, slots = self._state.places(self._row(mrid))
        _, reached = self._state.supplied(self._row(mrid))
        for node, slot in zip(nodes[reached].tolist(), slots[reached].tolist(), strict=True):
            if ways := self._state.up(node, slot).tolist():
                number = int(self._state.grid.graph.arcs[ways[-1] >> 3, 1])
                found.setdefault(phases.NAMES[slot], self._state.called(number))
        return found

    def feed_point(self, mrid: str) -> str:
        """The source that supplies it now, of several that of the first phase; empty without."""
        return next(iter(self.feed_points(mrid).values()), "")

    def protective_path(self, usage_point: str) -> tuple[str, ...]:
        """All switches and transformers that supply a usage point, the nearest first.

        Where its phases are supplied through different devices, all of them are there.
        """
        row = self._row(usage_point)
        return self._each(paths.upstream(self._state, row, self._state.grid.device))

    def served(self, earlier: Served | None = None, *, of: Iterable[str] | None = None) -> Served:
        """What supplies every usage point: `protective_path`, `energised_phases`, `feeder_of`.

        Of all at once it takes a moment, of one after the other minutes in a large network.

        earlier: the same of this network before; what has not changed since costs nothing.
        of:      only these usage points; those that nobody knows are left out.
        """
        if of is None:
            return Served.of(self._state, earlier)
        grid = self._state.grid
        numbers = np.unique(at(grid.customers.number, grid.objects.rows([*of])))
        return Served.of(self._state, earlier, numbers[numbers >= 0])

    def is_supplied_like(self, other: Supply) -> bool:
        """Whether all is supplied by the same ways in another state of the network, or was when it
        last was supplied."""
        is_same = self._state.grid is other._state.grid
        return is_same and not ways_differ(self._state, other._state)

    def upstream(self, mrid: str) -> tuple[str, ...]:
        """All equipment that supplies it, the source too, the nearest first."""
        return self._each(paths.upstream(self._state, self._row(mrid)))

    def downstream(self, mrid: str) -> Downstream:
        """All that is supplied through equipment, or through a node."""
        return Downstream(paths.downstream(self._state, self._row(mrid)))

    def between(self, one: str, other: str) -> tuple[str, ...]:
        """The equipment on the ways by which two places are supplied, from one to the other.

        Neither of the two is there.  Empty where different sources supply them.
        """
        return self._each(paths.between(self._state, self._row(one), self._row(other)))

    def usage_points_below(self, device: str) -> frozenset[str]:
        """The usage points supplied through this equipment, on one phase at least; of a load, which
        nothing is supplied through, those at it."""
        state, row = self._state, self._row(device)
        if state.grid.numbers.of[row] < 0:
            return self.usage_points_on(device)
        area = Area(state, places_in(state.below(state.entries(row))[0]))
        return self._mrids(area.usage_points)

    def devices_below(self, device: str) -> frozenset[str]:
        """The switches and transformers supplied through this equipment, without itself."""
        state, row = self._state, self._row(device)
        found, _ = state.below(state.entries(row))
        through = paths.through(state, found)
        devices = through[state.grid.device[through]]
        return self._mrids(devices[devices != row])

    def next_device(self, mrid: str) -> str | None:
        """The next protective device towards the source, not itself; None without one."""
        row = self._row(mrid)
        found = paths.upstream(self._state, row, self._state.grid.protective)
        return next(iter(self._each(one for one in found if one != row)), None)

    def next_devices(self, mrid: str) -> frozenset[str]:
        """The next protective devices away from the source, on every branch."""
        state, row = self._state, self._row(mrid)
        begin = state.entries(row)
        if state.grid.numbers.of[row] < 0:
            begin = entries(*state.places(row))
        _, stopped = state.below(begin, state.grid.protectors)
        rows = np.unique(state.rows(stopped))
        return self._mrids(rows[(rows >= 0) & (rows != row)])

    def feeder_of(self, mrid: str) -> str:
        """The container stated for it (the Feeder), or else the first device after the source.

        Of a usage point that of its equipment.  Empty where there is neither.
        """
        grid, row = self._state.grid, self._row(mrid)
        number = int(grid.customers.number[row])
        equipment = int(grid.customers.on[number]) if number >= 0 else row
        container = int(grid.container[equipment]) if equipment >= 0 else -1
        if container >= 0:
            return grid.objects.ids[container]
        return next(reversed(self.protective_path(mrid)), "")

    def isolation_points(self, *mrids: str) -> Isolation:
        """Which switches to open, and to keep open, so that nothing feeds these places."""
        nodes = np.unique(np.concatenate([self._nodes(mrid) for mrid in mrids]))
        found = isolation.points(self._state, nodes)
        return Isolation(*(frozenset(map(self._state.called, numbers)) for numbers in found))

    def loops(self) -> tuple[Loop, ...]:
        """Where closed ways lead to a place from two sides; empty where all supply is radial."""
        return tuple(
            self._loop(ring, bits, sources.tolist())
            for ring, (bits, sources) in rings(self._state).items()
        )

    def live_earths(self) -> tuple[LiveEarth, ...]:
        """The earths that are at supplied nodes; there should never be one."""
        return tuple(earths.live_earths(self._state))

    def islands(self) -> tuple[Island, ...]:
        """What is connected and supplied, part by part."""
        return islands.islands(self._state)

    def busbars(self) -> tuple[tuple[str, ...], ...]:
        """All nodes in groups that closed switches join, supplied or not."""
        return islands.busbars(self._state)

    def _loop(self, ring: Ring, bits: int, sources: list[int]) -> Loop:
        kind, numbers = ring
        count = len(self._state.grid.switches.rows)
        around = sorted(numbers)
        switches = [number for number in around if number < count]
        words = (tuple(map(self._state.called, some)) for some in (switches, around, sources))
        return Loop(kind, phases.listed(bits), *words)

    def _nodes(self, mrid: str) -> Ints:
        return self._state.places(self._row(mrid))[0]
