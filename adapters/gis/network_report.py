"""What is odd about the network that a model describes: loops, islands, phases, doubled lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from adapters.gis.findings import Finding
from adapters.gis.mapping import Found
from adapters.gis.parts import Part
from adapters.gis.table import Ints, Shapes
from cim.message import Header, Kind, Message, Verb
from cim.model import Model, write
from cim.network import Network
from cim.network.classes import SOURCES
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels

Where = Callable[[str], Any]
"""Identity of an object -> longitude and latitude, None where nobody knows."""

Called = Callable[[str], str]
"""Identity of an object -> what people call it; "" where no row of a layer is it."""

_SHOWN = 5
_LINE = 1
_MESHED = 2_000
"""With more ways beyond a tree nobody reads the loops, and finding them takes long."""

_CONDUCTORS = ("ACLineSegment", "Junction", "BusbarSection", "EnergyConsumer")


def findings(model: Model, where: Where, called: Called) -> list[Finding]:
    """What is odd; nothing where no equipment has terminals."""
    told = _Told(model, where, called)
    if not len(model.rows("Terminal.ConductingEquipment")):
        return []
    network = _network(model)
    return [*_islands(model, told), *_loops(model, network, told), *_phases(model, network, told)]


def doubled(parts: Sequence[Part], shapes: Mapping[str, Shapes]) -> Iterator[Finding]:
    """Lines of one layer that lie on one another from end to end."""
    for part in parts:
        if part.layer.ends != 2:
            continue
        seen: dict[bytes, int] = {}
        for row, wkb in enumerate(shapely.to_wkb(shapely.normalize(shapes[part.name])).tolist()):
            if wkb is None or (first := seen.setdefault(wkb, row)) == row:
                continue
            lon, lat = shapes[part.name][row].centroid.coords[0]
            said = f"{part.place(row)} lies where {part.place(first)} does"
            yield Finding("duplicate", said, lon, lat)


def short(
    parts: Sequence[Part], shapes: Mapping[str, Shapes], ends: Mapping[str, Sequence[Sequence[str]]]
) -> Iterator[Finding]:
    """Lines from a place to itself.

    ends: by the name of a layer, of each terminal the node of each row.
    """
    for part in parts:
        if part.name not in shapes:
            continue
        drawn = shapes[part.name]
        nodes = ends.get(part.name, ())
        for row in np.flatnonzero(shapely.get_type_id(drawn) == _LINE).tolist():
            if shapely.length(drawn[row]) == 0:
                said = f"{part.place(row)} has no length: it begins where it ends"
            elif len(nodes) == 2 and nodes[0][row] == nodes[1][row]:
                said = f"{part.place(row)} begins and ends at one node"
            else:
                continue
            lon, lat = drawn[row].coords[0]
            yield Finding("short", said, lon, lat)


class _Told:
    """Names and places of objects."""

    def __init__(self, model: Model, where: Where, called: Called) -> None:
        self.model, self._where, self._called = model, where, called
        self._names = model.one(model.values("IdentifiedObject.name"))

    def name(self, row: int) -> str:
        """Layer and identity there, as in all findings; else class and name, or mRID."""
        if here := self._called(self.model.ids[row]):
            return here
        text = int(self._names[row])
        called = self.model.text(text) if text >= 0 else self.model.mrid(row)
        return f"{self.model.class_name(row)} {called}"

    def of(self, kind: Found, sentence: str, row: int) -> Finding:
        place = self._where(self.model.ids[row])
        return Finding(kind, sentence, *(place or (None, None)))


def _network(model: Model) -> Network:
    document = RdfXml(write.full(model))
    payload = NetworkModels(network_model=(NetworkModel(mrid="layers", document=document),))
    header = Header(verb=Verb.CREATED, noun=NetworkModels.__name__)
    return Network.empty().after(Message(header=header, kind=Kind.EVENT, payload=payload))


def _connected(model: Model) -> tuple[Ints, Ints, Ints]:
    """Equipment and node of each terminal, and of each identity the number of its part."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(model.ids)
    equipment = model.one(model.links("Terminal.ConductingEquipment"))
    node = model.one(model.links("Terminal.ConnectivityNode"))
    both = np.flatnonzero((equipment >= 0) & (node >= 0))
    ways = (np.ones(len(both), np.bool_), (equipment[both], node[both]))
    _, label = connected_components(coo_array(ways, shape=(size, size)), directed=False)
    return equipment[both], node[both], label


def _beyond_a_tree(model: Model) -> int:
    """How many terminals could be cut off with everything still connected."""
    equipment, node, label = _connected(model)
    joined = np.unique(np.concatenate([equipment, node]))
    return len(equipment) - len(joined) + len(np.unique(label[joined]))


def _islands(model: Model, told: _Told) -> Iterator[Finding]:
    """Equipment that no source is connected with, even were all switches closed."""
    equipment, _, label = _connected(model)
    sources = np.zeros(len(label), np.bool_)
    sources[label[model.of_class(*SOURCES)]] = True
    lost = np.unique(equipment[~sources[label[equipment]]])
    lost = lost[np.argsort(label[lost], kind="stable")]
    starts = np.flatnonzero(np.diff(label[lost], prepend=-1))
    for rows in (part.tolist() for part in np.split(lost, starts[1:]) if len(part)):
        said = ", ".join(told.name(row) for row in rows[:_SHOWN])
        more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
        yield told.of("island", f"no source is connected with {said}{more}", rows[0])


def _loops(model: Model, network: Network, told: _Told) -> Iterator[Finding]:
    if (extra := _beyond_a_tree(model)) > _MESHED:
        said = f"{extra:,} ways are more than a tree has, open ones too; no loop is told apart"
        yield Finding("loop", said)
        return
    for loop in network.loops():
        rows = [told.model.row(mrid) for mrid in loop.equipment]
        if not rows:
            continue
        said = ", ".join(told.name(row) for row in sorted(rows)[:_SHOWN])
        more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
        what = "one source supplies" if loop.kind == "loop" else "two sources supply"
        phases = "".join(loop.phases)
        yield told.of("loop", f"{what} both sides of {said}{more}, on {phases}", rows[0])


def _phases(model: Model, network: Network, told: _Told) -> Iterator[Finding]:
    """Lines and loads with a phase that is not supplied while another one is."""
    wanted = model.of_class(*_CONDUCTORS)
    equipment = np.unique(model.links("Terminal.ConductingEquipment")[1])
    for row in equipment[wanted[equipment]].tolist():
        mrid = model.mrid(row)
        if (dead := network.dead_phases(mrid)) and network.energised_phases(mrid):
            said = f"{told.name(row)} has {', '.join(sorted(dead))}, which its supply has not"
            yield told.of("phases", said, row)
