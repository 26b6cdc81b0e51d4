"""What feeds what, by graph libraries: the whole network at once, and again after one switch.

All of them know one phase, and their graph holds the closed edges only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.radial import Radial

_ABC = 0b111
"""The phases of a three-phase network, as bits (`cim.network.phases`)."""


class Tracer(Protocol):
    """A graph of the closed edges of a network."""

    def trace(self) -> object:
        """Which source feeds each node."""

    def retrace(self, edge: int) -> object:
        """Open a closed switch and find what it cuts off: what lies behind node `b` of the edge."""

    def close(self, edge: int) -> None:
        """Close it again."""


class Ours:
    """The graph of `cim.network`, on phases A, B and C; a switch is opened on all of them."""

    def __init__(self, network: Radial) -> None:
        from cim.network import topology
        from cim.network.masks import Masks
        from cim.network.trace import FROM_SOURCES, Desk, Trace

        switches = int(network.is_switch.sum())
        count, sources = len(network.a), len(network.sources)
        self._number = np.empty(count, np.int32)
        self._number[network.is_switch] = np.arange(switches)
        self._number[~network.is_switch] = np.arange(switches, count)
        numbers = np.concatenate([self._number, np.arange(count, count + sources)])
        ways = topology.Ways(
            np.concatenate([network.a, np.full(sources, -2)]).astype(np.int32) + 2,
            np.concatenate([network.b, network.sources]).astype(np.int32) + 2,
            numbers.astype(np.int32),
            np.full(count + sources, _ABC, np.int32),
            np.zeros(count + sources, np.int32),
        )
        self._graph = topology.graph(ways, network.count + 2, topology.Couplings().table())
        closed = np.where(network.is_closed[network.is_switch], _ABC, 0).astype(np.uint8)
        others = np.full(count + sources - switches, _ABC, np.uint8)
        self._masks = Masks.stated(closed, others)
        self._extra = topology.NO_EXTRA
        order = np.argsort(self._graph.arcs[: self._graph.start[-1], 1], kind="stable")
        self._arcs = order.astype(np.int32)
        self._trace = Trace.empty(FROM_SOURCES, self._graph, Desk(self._graph))

    def trace(self) -> object:
        self._trace = self._trace.anew(self._extra, self._masks)
        return self._trace

    def retrace(self, edge: int) -> object:
        return self._turned(edge, 0)

    def close(self, edge: int) -> None:
        self._turned(edge, _ABC)

    def _turned(self, edge: int, phases: int) -> object:
        number = int(self._number[edge])
        self._masks = self._masks.with_({number: phases})
        arcs = self._arcs[2 * number : 2 * number + 2]
        self._trace = self._trace.after(self._extra, self._masks, arcs)
        return self._trace


class Networkx:
    def __init__(self, network: Radial) -> None:
        import networkx

        self._component = networkx.node_connected_component
        self._network = network
        self._graph = networkx.Graph()
        self._graph.add_nodes_from(range(network.count))
        a, b = network.closed
        self._graph.add_edges_from(zip(a.tolist(), b.tolist(), strict=True))

    def trace(self) -> object:
        return _fed(self._network, lambda source: self._component(self._graph, source))

    def retrace(self, edge: int) -> object:
        a, b = _ends(self._network, edge)
        self._graph.remove_edge(a, b)
        return self._component(self._graph, b)

    def close(self, edge: int) -> None:
        self._graph.add_edge(*_ends(self._network, edge))


class Rustworkx:
    def __init__(self, network: Radial) -> None:
        import rustworkx

        self._component = rustworkx.node_connected_component
        self._network = network
        self._graph = rustworkx.PyGraph(multigraph=True)
        self._graph.add_nodes_from(range(network.count))
        a, b = network.closed
        self._graph.add_edges_from_no_data(list(zip(a.tolist(), b.tolist(), strict=True)))

    def trace(self) -> object:
        return _fed(self._network, lambda source: self._component(self._graph, source))

    def retrace(self, edge: int) -> object:
        a, b = _ends(self._network, edge)
        self._graph.remove_edge(a, b)
        return self._component(self._graph, b)

    def close(self, edge: int) -> None:
        self._graph.add_edge(*_ends(self._network, edge), None)


class Scipy:
    """Traces anew after each switch: its graphs cannot be changed."""

    def __init__(self, network: Radial) -> None:
        from scipy.sparse.csgraph import connected_components

        self._components = connected_components
        self._network = network
        self._is_closed = network.is_closed.copy()
        self._graph = self._matrix()

    def _matrix(self) -> Any:
        from scipy.sparse import coo_array

        a, b = self._network.a[self._is_closed], self._network.b[self._is_closed]
        size = (self._network.count, self._network.count)
        return coo_array((np.ones(len(a), np.int8), (a, b)), shape=size).tocsr()

    def trace(self) -> NDArray[np.int32]:
        count, island = self._components(self._graph, directed=False)
        source = np.full(count, -1, np.int32)
        source[island[self._network.sources]] = self._network.sources
        fed: NDArray[np.int32] = source[island]
        return fed

    def retrace(self, edge: int) -> object:
        self._is_closed[edge] = False
        self._graph = self._matrix()
        return self.trace()

    def close(self, edge: int) -> None:
        self._is_closed[edge] = True


def _ends(network: Radial, edge: int) -> tuple[int, int]:
    return int(network.a[edge]), int(network.b[edge])


def _fed(network: Radial, component: Callable[[int], set[int]]) -> dict[int, int]:
    return {node: source for source in network.sources.tolist() for node in component(source)}
