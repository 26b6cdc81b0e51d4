"""The islands of a network, in topological nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cim.model import state_variables
from cim.model.header import bare
from cim.model.terms import key
from cim.network import Island, Network

_REFERENCES = ("SynchronousMachine", "ExternalNetworkInjection")
"""Equipment that may say that angles refer to its node (`referencePriority`; 1 goes first)."""

Nodes = Mapping[str, str]
"""The key of each connectivity node -> the identity of its topological node."""


@dataclass(frozen=True)
class Islands:
    """What state variables say of islands; see `cim.model.state_variables.State`."""

    islands: frozenset[state_variables.Island]
    nodes: Mapping[str, frozenset[str]]
    problems: tuple[str, ...]


def islands(network: Network) -> Islands:
    """All islands, in the topological nodes that the models state, or else in made ones.

    Angles refer to the node of the equipment whose `referencePriority` says so, or else of a
    source.
    """
    stated, made = topological(network)
    live = network.islands()
    inside, problems = _divided(live, stated)
    wanted = dict(_wanted(network))
    found = frozenset(
        state_variables.Island(nodes, _reference(island, nodes, stated, wanted))
        for island, nodes in zip(live, inside, strict=True)
        if nodes
    )
    listed = frozenset().union(*inside)
    return Islands(found, {of: made[of] for of in made if of in listed}, tuple(problems))


def topological(network: Network) -> tuple[Nodes, Mapping[str, frozenset[str]]]:
    """The identity of the topological node of each connectivity node, by key; and those that no
    model describes, with their connectivity nodes.

    Connectivity nodes that closed switches join are one topological node where none is stated.
    Those that no model describes, as beyond a boundary, have none: others will know it.
    """
    found, described = dict(_stated(network)), network.nodes
    made: dict[str, frozenset[str]] = {}
    for joined in network.busbars():
        unsaid = frozenset(n for n in joined if n in described and key(n) not in found)
        if not unsaid:
            continue
        said = sorted({found[key(node)] for node in joined if key(node) in found})
        of = said[0] if said else state_variables.made_node(unsaid)
        found |= {key(node): of for node in unsaid}
        if not said:
            made[of] = unsaid
    return found, made


def _stated(network: Network) -> Iterator[tuple[str, str]]:
    """As the models say, from whichever side."""
    for model in network.models.values():
        nodes, of = model.links("ConnectivityNode.TopologicalNode")
        others, theirs = model.links("TopologicalNode.ConnectivityNodes")
        for rows, targets in ((nodes, of), (theirs, others)):
            for row, target in zip(rows.tolist(), targets.tolist(), strict=True):
                yield key(bare(model.ids[row])), model.ids[target]


def _divided(
    live: Sequence[Island], stated: Nodes
) -> tuple[Sequence[frozenset[str]], Sequence[str]]:
    """The topological nodes of each island; and sentences about those that are in several."""
    counts: dict[str, Counter[int]] = {}
    for place, island in enumerate(live):
        for node in filter(stated.__contains__, map(key, island.nodes)):
            counts.setdefault(stated[node], Counter())[place] += 1
    inside: list[set[str]] = [set() for _ in live]
    for of, places in counts.items():
        inside[places.most_common(1)[0][0]].add(of)
    problems = [
        f"Topological node {bare(of)} is in {len(places)} islands, since switches in it are open;"
        " it is listed in the one that has most of its connectivity nodes."
        for of, places in counts.items()
        if len(places) > 1
    ]
    return [frozenset(nodes) for nodes in inside], problems


def _wanted(network: Network) -> Iterator[tuple[str, float]]:
    """Connectivity nodes, by key, at which equipment wants to be the reference, and its place."""
    for model in network.models.values():
        for name in _REFERENCES:
            rows, priorities = model.numbers(f"{name}.referencePriority")
            for row, priority in zip(rows.tolist(), priorities.tolist(), strict=True):
                mrid = model.mrid(row)
                if priority >= 1 and network.knows(mrid) and network.in_service(mrid):
                    yield from ((key(node), priority) for node in network.nodes_of(mrid))


def _reference(
    island: Island, nodes: frozenset[str], stated: Nodes, wanted: Mapping[str, float]
) -> str:
    """The topological node that angles refer to; empty where nothing is known to supply it."""
    keys = [key(node) for node in island.nodes]
    said = sorted((wanted[one], stated.get(one, "")) for one in keys if one in wanted)
    sources = [stated.get(key(node), "") for _, node in sorted(island.sources)]
    return next((of for of in (*(of for _, of in said), *sources) if of in nodes), "")
