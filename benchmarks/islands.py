"""From a CIM file to what is energised: ours, and triplets with a graph library behind it.

Theirs is the shortest way that a user of these libraries takes: one phase, a switch is open or
closed as a whole (Switch.open), and a node is energised where a way leads to an EnergySource.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import readers
from benchmarks.apart import Steps


def ours(file: Path) -> Steps:
    """On every phase, with the position of every pole, as the hub does it."""
    from benchmarks.messages import model_message
    from cim.network import Network

    def nodes(document: bytes) -> int:
        network = Network.empty().after(model_message(document))
        [model] = network.models.values()
        sources = model.of_class("EnergySource").nonzero()[0].tolist()
        return sum(len(network.downstream(model.mrid(row)).nodes) for row in sources)

    nodes(readers.TINY)  # loads the compiled code
    return (lambda: nodes(file.read_bytes()),)


def triplets_scipy(file: Path) -> Steps:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    (read,) = readers.triplets(file)

    def work() -> int:
        equipment, node, source, count = _edges(read())
        ones = np.ones(len(node), np.int8)
        graph = coo_array((ones, (equipment, node)), shape=(count, count)).tocsr()
        _, island = connected_components(graph, directed=False)
        return int(np.isin(island[np.unique(node)], island[source]).sum())

    return (work,)


def triplets_networkx(file: Path) -> Steps:
    import networkx

    (read,) = readers.triplets(file)

    def work() -> int:
        equipment, node, source, _ = _edges(read())
        graph = networkx.Graph()
        graph.add_nodes_from(source.tolist())
        graph.add_edges_from(zip(equipment.tolist(), node.tolist(), strict=True))
        reached: set[int] = set()
        for start in source.tolist():
            if start not in reached:
                reached |= networkx.node_connected_component(graph, start)
        return len(reached.intersection(node.tolist()))

    return (work,)


def _edges(frame: Any) -> tuple[Any, Any, Any, int]:
    """Conducting equipment and nodes that a closed way joins, the sources, and how many of all."""
    import pandas

    def column(key: str) -> Any:
        return frame.loc[frame["KEY"] == key, ["ID", "VALUE"]].set_index("ID")["VALUE"]

    nodes = column("Terminal.ConnectivityNode").rename("node")
    equipment = column("Terminal.ConductingEquipment").rename("equipment")
    joined = pandas.concat([nodes, equipment], axis=1, join="inner")
    states = column("Switch.open")
    joined = joined[~joined["equipment"].isin(states.index[states == "true"])]
    kinds = column("Type")
    sources = kinds.index[kinds == "EnergySource"]
    codes, distinct = pandas.factorize(
        pandas.concat([joined["equipment"], joined["node"], sources.to_series()])
    )
    size = len(joined)
    return codes[:size], codes[size : 2 * size], codes[2 * size :], len(distinct)
