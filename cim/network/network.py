"""The network as operated: one immutable value, and the questions it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cim.message import Message, Verb
from cim.network import phases
from cim.network.arcs import Bools
from cim.network.classes import Equipment
from cim.network.grid import Grid
from cim.network.models import Models
from cim.network.phases import SLOTS
from cim.network.positions import Positions, applied, moved
from cim.network.texts import Ints
from cim.network.trace import Trace
from cim.profiles.network_models import NetworkModels
from cim.profiles.switching_events import SwitchingEvents

_STATED = frozenset({Verb.CREATED, Verb.CHANGED, Verb.EXECUTED})


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """As designed by the models, as operated by the switching events.

    Mind three rules.  *Supply*: a phase counts as supplied when a conducting way leads to it from a
    source; an open pole interrupts only its own phase.  *Paths*: they follow the shortest way by
    which a place is supplied now; a place that is not supplied keeps the way by which it last was,
    and where the models never saw it supplied, the way of the normal switch positions.  So opening
    a switch does not hide what lies behind it.  *Replacement*: a model replaces the one of the same
    mRID and those it supersedes; positions that were reported stay.

    An mRID that is a UUID is found in either case, and reported as the model wrote it.  Every
    question about an object raises KeyError where no model describes it.
    """

    _models: Models
    _grid: Grid
    _positions: Positions
    _state: Bools
    _trace: Trace
    _strays: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Network({', '.join(self.version)})"

    @classmethod
    def empty(cls) -> Network:
        """A network with nothing in it."""
        return cls._of(Models(), {})

    @classmethod
    def _of(cls, models: Models, positions: Positions) -> Network:
        grid = Grid.of(models.read.values())
        state, strays = applied(grid, grid.as_built, positions.values())
        designed = Trace.of(grid.arcs, _conducting(grid, grid.designed, normal=True))
        trace = Trace.of(grid.arcs, _conducting(grid, state)).over(designed)
        return cls(models, grid, positions, state, trace, tuple(strays))

    def after(self, message: Message) -> Network:
        """The network once `message` has happened; this one stays as it is.

        Events of NetworkModels and SwitchingEvents move it; requests and other nouns do not.
        What does not fit is in `problems` of the result; nothing is raised.
        """
        verb, payload = message.header.verb, message.payload
        if isinstance(payload, NetworkModels) and verb in _STATED:
            return self._of(self._models.plus(payload.network_model), self._positions)
        if isinstance(payload, NetworkModels) and verb is Verb.DELETED:
            return self._of(self._models.minus(payload.network_model), self._positions)
        if isinstance(payload, SwitchingEvents) and verb in _STATED:
            return self._operated(payload)
        return self

    def _operated(self, events: SwitchingEvents) -> Network:
        positions = moved(self._positions, events)
        news = [p for key, p in positions.items() if self._positions.get(key) != p]
        state, strays = applied(self._grid, self._state, news)
        trace = self._trace
        if not np.array_equal(state, self._state):
            trace = Trace.of(self._grid.arcs, _conducting(self._grid, state)).over(trace)
        known = dict.fromkeys((*self._strays, *strays))
        return Network(self._models, self._grid, positions, state, trace, tuple(known))

    @property
    def version(self) -> tuple[str, ...]:
        """The mRIDs of the models in it."""
        return tuple(self._models.mrids.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """What did not fit, in sentences."""
        return (*self._models.refused.values(), *self._grid.problems, *self._strays)

    def counts(self) -> dict[str, int]:
        """How many objects of each class there are."""
        return self._grid.objects.counts()

    def knows(self, mrid: str) -> bool:
        """Whether a model describes this object."""
        try:
            self._row(mrid)
        except KeyError:
            return False
        return True

    def name(self, mrid: str) -> str:
        """The name of any object, empty when it has none."""
        return self._grid.objects.name(self._row(mrid))

    def equipment(self, mrid: str) -> Equipment:
        """One piece of equipment, or any other object that has an mRID."""
        return self._equipment(self._row(mrid))

    def equipment_named(self, name: str) -> Equipment:
        """The equipment of that name, a switch or transformer before others.

        Raises: KeyError, when there is none, or several and no way to tell which is meant.
        """
        rows = [row for row in self._grid.objects.rows_named(name) if self._is_equipment(row)]
        devices = [row for row in rows if self._grid.device[row]]
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
        return bool(self._grid.protective[self._row(mrid)])

    @property
    def devices(self) -> frozenset[str]:
        """All switches and transformers."""
        return self._mrids(np.flatnonzero(self._grid.device))

    def switch_closed(self, mrid: str) -> frozenset[str]:
        """The phases on which a switch is closed now.  Raises: KeyError, also when it is none."""
        number = int(self._grid.switches.number[self._row(mrid)])
        if number < 0:
            raise KeyError(mrid)
        cells = self._state[number * SLOTS : (number + 1) * SLOTS].tolist()
        return frozenset(name for name, closed in zip(phases.NAMES, cells, strict=True) if closed)

    @property
    def nodes(self) -> frozenset[str]:
        """All connectivity nodes."""
        return self._mrids(np.flatnonzero(self._grid.node_of >= 0))

    def energised_phases(self, mrid: str) -> frozenset[str]:
        """The phases supplied now at a usage point, a node or equipment (at any of its sides)."""
        vertices = self._vertices(self._row(mrid))
        supplied = vertices[self._trace.reached[vertices]] % SLOTS
        return frozenset(phases.NAMES[slot] for slot in supplied.tolist())

    def is_energised(self, usage_point: str) -> bool:
        """Whether every phase of a usage point is supplied now."""
        vertices = self._vertices(self._row(usage_point))
        return len(vertices) > 0 and bool(self._trace.reached[vertices].all())

    def protective_path(self, usage_point: str) -> tuple[str, ...]:
        """All switches and transformers that supply a usage point, the nearest first.

        Where its phases are supplied through different devices, all of them are there.
        """
        height: dict[int, int] = {}
        for vertex in self._vertices(self._row(usage_point)).tolist():
            way = self._devices_before(vertex)
            for place, equipment in enumerate(reversed(way)):
                height[equipment] = max(place, height.get(equipment, 0))
        nearest_first = sorted(height, key=lambda equipment: -height[equipment])
        return tuple(self._grid.objects.ids[row] for row in nearest_first)

    def usage_points_below(self, device: str) -> frozenset[str]:
        """The usage points supplied through this equipment, on one phase at least."""
        below = self._trace.below(self._row(device))
        return self._mrids(self._grid.customers.having(below))

    def devices_below(self, device: str) -> frozenset[str]:
        """The switches and transformers supplied through this equipment, without itself."""
        row = self._row(device)
        through = self._trace.equipment[self._trace.below(row)]
        devices = np.unique(through[self._grid.device[through]])
        return self._mrids(devices[devices != row])

    def feeder_of(self, mrid: str) -> str:
        """The container stated for it (the Feeder), or else the first device after the source.

        Of a usage point that of its equipment.  Empty where there is neither.
        """
        row = self._row(mrid)
        number = int(self._grid.customers.number[row])
        equipment = int(self._grid.customers.equipment[number]) if number >= 0 else row
        container = int(self._grid.container[equipment]) if equipment >= 0 else -1
        if container >= 0:
            return self._grid.objects.ids[container]
        return next(reversed(self.protective_path(mrid)), "")

    @property
    def usage_points(self) -> frozenset[str]:
        """All usage points."""
        return self._mrids(self._grid.customers.rows)

    @property
    def has_usage_points(self) -> bool:
        """Whether there is any; costs nothing."""
        return len(self._grid.customers.rows) > 0

    def usage_point_of(self, meter: str) -> str | None:
        """The usage point of a meter (or the usage point itself), by mRID or else by name."""
        objects = self._grid.objects
        for rows_of in (self._rows_of, objects.rows_named):
            rows = rows_of(meter)
            for find in (self._metered, self._itself):
                found = [point for point in map(find, rows) if point >= 0]
                if found:
                    return objects.ids[found[0]]
        return None

    def _metered(self, row: int) -> int:
        return int(self._grid.customers.metered[row])

    def _itself(self, row: int) -> int:
        return row if self._grid.customers.number[row] >= 0 else -1

    def _row(self, mrid: str) -> int:
        return self._grid.objects.row(mrid)

    def _rows_of(self, mrid: str) -> list[int]:
        return [self._row(mrid)] if self.knows(mrid) else []

    def _mrids(self, rows: Iterable[int] | Ints) -> frozenset[str]:
        return frozenset(self._grid.objects.ids[row] for row in rows)

    def _equipment(self, row: int) -> Equipment:
        objects = self._grid.objects
        bits = self._grid.phases(row)
        return Equipment(
            objects.ids[row], objects.cim_class(row), objects.name(row), phases.names(bits)
        )

    def _is_equipment(self, row: int) -> bool:
        place = np.searchsorted(self._grid.terminals.equipment, row)
        owners = self._grid.terminals.equipment
        return bool(place < len(owners) and owners[place] == row) or bool(self._grid.device[row])

    def _vertices(self, row: int) -> Ints:
        number = int(self._grid.customers.number[row])
        if number >= 0:
            return self._grid.customers.vertices(number)
        return self._grid.vertices(row)

    @cached_property
    def _nearest(self) -> Ints:
        return self._trace.nearest(self._grid.device)

    def _devices_before(self, vertex: int) -> list[int]:
        way = []
        nearest, trace = self._nearest, self._trace
        while (vertex := int(nearest[vertex])) >= 0:
            way.append(int(trace.equipment[vertex]))
            vertex = int(trace.upstream[vertex])
        return way


def _conducting(grid: Grid, state: Bools, *, normal: bool = False) -> Bools:
    in_service = grid.arcs.normally_in_service if normal else grid.arcs.in_service
    conducting: Bools = state[grid.arcs.cell] & in_service
    return conducting
