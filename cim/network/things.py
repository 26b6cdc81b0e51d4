"""What can be asked of the objects of a network: names, equipment, positions, tags, values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from cim.model.terms import Terms, key
from cim.network import phases
from cim.network.classes import Equipment
from cim.network.overlay import Measured, Overlay, Patch, Tag
from cim.network.state import State
from cim.network.topology import GALVANIC_END, RESERVED, Ints

_NEAR = 100_000  # nodes that are looked at for one with a voltage


class Mrids(Sequence[str]):
    """The mRIDs of objects, put into words one by one when they are looked at."""

    __slots__ = ("_ids", "_rows")

    def __init__(self, ids: Terms, rows: Ints) -> None:
        self._ids, self._rows = ids, rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return Mrids(self._ids, self._rows[index])
        return self._ids[int(self._rows[index])]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids.take(self._rows) if len(self._rows) else ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Mrids({list(self[:5])}{', ...' if len(self) > 5 else ''})"


class Things:
    """Objects by mRID; every question raises KeyError where no model describes the object."""

    _state: State

    def counts(self) -> dict[str, int]:
        """How many objects of each class there are."""
        return self._state.grid.objects.counts()

    def knows(self, mrid: str) -> bool:
        """Whether a model describes this object."""
        return self._state.grid.objects.knows(mrid)

    def name(self, mrid: str) -> str:
        """The name of any object, empty when it has none."""
        return self._state.grid.objects.name(self._row(mrid))

    def names_of(self, mrids: Iterable[str]) -> dict[str, str]:
        """The names of many objects, quicker than one by one; without those that no model
        describes."""
        objects, wanted = self._state.grid.objects, list(mrids)
        rows = objects.rows(wanted)
        known = np.flatnonzero(rows >= 0)
        names = objects.names_at(rows[known])
        return {wanted[n]: name for n, name in zip(known.tolist(), names, strict=True)}

    def equipment(self, mrid: str) -> Equipment:
        """One piece of equipment, or any other object that has an mRID."""
        return self._equipment(self._row(mrid))

    def is_equipment(self, mrid: str) -> bool:
        """Whether it is equipment, with terminals."""
        return self._state.grid.is_equipment(self._row(mrid))

    def is_switch(self, mrid: str) -> bool:
        """Whether it is a switch of any kind."""
        return int(self._state.grid.switches.number[self._row(mrid)]) >= 0

    def equipment_named(self, name: str) -> Equipment:
        """The equipment of that name, a switch or transformer before others.

        Raises: KeyError, when there is none, or several and no way to tell which is meant.
        """
        grid = self._state.grid
        rows = [row for row in grid.objects.rows_named(name) if grid.is_equipment(row)]
        devices = [row for row in rows if grid.device[row]]
        for found in (rows, devices):
            if len(found) == 1:
                return self._equipment(found[0])
        raise KeyError(name)

    def device_kind(self, mrid: str) -> str:
        """The class of a device, e.g. "Recloser"."""
        return self.equipment(mrid).cim_class

    def is_protective(self, mrid: str) -> bool:
        """Whether it opens by itself to clear a fault.

        Breaker, Recloser, Fuse and Sectionaliser do, and a transformer counts because its fuse
        does, unless it is a voltage regulator.  Where a container has no protective switch at all,
        as when a planning tool exported every switch as a LoadBreakSwitch, all its switches count.
        """
        return bool(self._state.grid.protective[self._row(mrid)])

    @property
    def devices(self) -> frozenset[str]:
        """All switches and transformers."""
        return self._mrids(np.flatnonzero(self._state.grid.device))

    @property
    def nodes(self) -> frozenset[str]:
        """All connectivity nodes."""
        grid = self._state.grid
        return self._mrids(np.flatnonzero((grid.node_of >= 0) & (grid.objects.classes > 0)))

    def nodes_of(self, mrid: str) -> Mrids:
        """The connectivity nodes that equipment is at, by terminal; a node itself."""
        grid = self._state.grid
        return Mrids(grid.objects.ids, grid.node_rows[grid.nodes(self._row(mrid))])

    @property
    def dead_nodes(self) -> Mrids:
        """The nodes that are supplied on no phase."""
        grid = self._state.grid
        return Mrids(grid.objects.ids, grid.node_rows[self._state.dead_nodes()])

    @property
    def dead_usage_points(self) -> Mrids:
        """The usage points that are not supplied on all their phases, all at once."""
        grid = self._state.grid
        return Mrids(grid.objects.ids, grid.customers.rows[self._state.dead_points()])

    @property
    def usage_points(self) -> frozenset[str]:
        """All usage points."""
        return self._mrids(self._state.grid.customers.rows)

    @property
    def has_usage_points(self) -> bool:
        """Whether there is any; costs nothing."""
        return len(self._state.grid.customers.rows) > 0

    def usage_points_on(self, equipment: str) -> frozenset[str]:
        """The usage points at a load or other equipment itself."""
        customers = self._state.grid.customers
        return self._mrids(customers.rows[customers.on == self._row(equipment)])

    def usage_point_of(self, meter: str) -> str | None:
        """The usage point of a meter (or the usage point itself), by mRID or else by name."""
        objects = self._state.grid.objects
        for rows_of in (self._rows_of, objects.rows_named):
            rows = rows_of(meter)
            for find in (self._metered, self._itself):
                found = [point for point in map(find, rows) if point >= 0]
                if found:
                    return objects.ids[found[0]]
        return None

    def switch_closed(self, mrid: str) -> frozenset[str]:
        """The phases on which a switch is closed now.  Raises: KeyError, also when it is none."""
        number = int(self._state.grid.switches.number[self._row(mrid)])
        if number < 0:
            raise KeyError(mrid)
        return phases.names(self._state.fit.closed(self._state.overlay, number))

    def in_service(self, mrid: str) -> bool:
        """Whether it is in service; a source or load also connected."""
        return self._state.fit.in_service(self._state.overlay, self._row(mrid))

    def voltage_level(self, mrid: str) -> float | None:
        """The nominal voltage of a place, V; None where no model says it.

        That of a node, or of the first node of equipment that has one.  Where nothing at the node
        says it, it is that of the nearest node that no transformer divides from it.
        """
        from cim.network import walks

        grid = self._state.grid
        nodes, _ = self._state.places(self._row(mrid))
        for node in dict.fromkeys(nodes.tolist()):
            net, base = grid.graph, grid.voltages.base
            row = walks.known_near(net.start, net.arcs, GALVANIC_END, base, node, _NEAR)
            if row >= 0 and not np.isnan(volts := grid.voltages.volts[row]):
                return float(volts)
        return None

    @property
    def overlay(self) -> Overlay:
        """All that was reported and counts."""
        return self._state.overlay

    def nodes_of_patch(self, of: str) -> frozenset[str]:
        """The nodes at which a jumper, ground or mobile source is fastened, or was last.

        of: its key in the overlay.
        """
        held = self._state.fit.patches.get(of)
        nodes = [node for node in held.nodes if node >= RESERVED] if held is not None else []
        return self._mrids(self._state.grid.node_rows[nodes])

    @property
    def patches(self) -> tuple[Patch, ...]:
        """The jumpers, grounds, cuts and mobile sources that are in the network now."""
        return tuple(self._state.overlay.patches.values())

    def tags(self, mrid: str | None = None) -> tuple[Tag, ...]:
        """The tags on an object, or all of them; by name too."""
        tags = self._state.overlay.tags.values()
        if mrid is None:
            return tuple(tags)
        wanted = {key(mrid)}
        if self.knows(mrid):
            wanted |= {key(self.equipment(mrid).mrid), key(self.name(mrid))} - {""}
        return tuple(tag for tag in tags if key(tag.on) in wanted)

    def measurement(self, mrid: str) -> Measured | None:
        """The latest value of a measurement, by its mRID or name as reported; None without one."""
        found = self._state.overlay.measured.get(key(mrid))
        if found is None and self.knows(mrid):
            found = self._state.overlay.measured.get(key(self.name(mrid)))
        return found

    @property
    def measurements(self) -> tuple[Measured, ...]:
        """The latest value of each measurement that was reported."""
        return tuple(self._state.overlay.measured.values())

    def _metered(self, row: int) -> int:
        return int(self._state.grid.customers.metered[row])

    def _itself(self, row: int) -> int:
        return row if self._state.grid.customers.number[row] >= 0 else -1

    def _row(self, mrid: str) -> int:
        return self._state.grid.objects.row(mrid)

    def _rows_of(self, mrid: str) -> list[int]:
        return [self._row(mrid)] if self.knows(mrid) else []

    def _mrids(self, rows: NDArray[Any]) -> frozenset[str]:
        return frozenset(Mrids(self._state.grid.objects.ids, rows))

    def _each(self, rows: Iterable[int]) -> tuple[str, ...]:
        ids = self._state.grid.objects.ids
        return tuple(ids[row] for row in rows)

    def _equipment(self, row: int) -> Equipment:
        grid = self._state.grid
        bits = grid.phases(row)
        objects = grid.objects
        return Equipment(
            objects.ids[row], objects.cim_class(row), objects.name(row), phases.names(bits)
        )
