"""What is operated now, as state variables (IEC 61970-456): as a document, and as a noun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from cim.model import Model
from cim.model.header import bare
from cim.model.model import TYPE
from cim.model.state_variables import (
    CIM100,
    PROFILE,
    TOPOLOGY,
    WHOLE,
    Island,
    State,
    by_phase,
    document,
    island_mrid,
)
from cim.model.terms import key
from cim.network import Network
from cim.profile import Reference
from cim.profiles import state_variables as noun
from cim.profiles.phases import SinglePhaseKind
from hub.history.islands import Islands, islands
from hub.tracing import find


def state(network: Network) -> State:
    """Positions of all switches, islands, and service where reported or a device is out of it.

    What is solved, such as voltages, is no part of it.  Topological nodes that no model describes
    are described in it.
    """
    found = islands(network)
    return State(
        switches={m: at for m in sorted(network.devices) if (at := _position(network, m))},
        in_service=dict(_service(network)),
        islands=found.islands,
        nodes=found.nodes,
        problems=found.problems,
    )


def state_variables(
    network: Network, at: datetime, now: datetime, said: State | None = None
) -> Model:
    """The state as a document.

    at:   for which the state holds.
    now:  when it was written.
    said: what is said of it; all of it, unless given.
    """
    said = said or state(network)
    return document(
        said,
        scenario_time=at,
        created=now,
        dependent_on=network.version,
        profiles=(PROFILE, TOPOLOGY) if said.nodes else (PROFILE,),
        namespace=namespace(network),
    )


def told(
    network: Network, at: datetime, now: datetime, said: State | None = None
) -> noun.StateVariables:
    """The same as a noun; it has the identifier of the document of that moment."""
    said = said or state(network)
    header = state_variables(network, at, now, said).header
    return noun.StateVariables(
        connectivity_node=tuple(
            noun.ConnectivityNode(mrid=bare(one), topological_node=_meant(of))
            for of, nodes in sorted(said.nodes.items())
            for one in sorted(nodes)
        ),
        model=noun.Model(
            mrid=header.mrid if header else "",
            created=now,
            scenario_time=at,
            dependent_on=tuple(map(Reference, network.version)),
        ),
        sv_status=tuple(
            noun.SvStatus(in_service=value, conducting_equipment=_meant(mrid))
            for mrid, value in sorted(said.in_service.items())
        ),
        sv_switch=tuple(
            noun.SvSwitch(
                open=is_open,
                phase=None if phase == WHOLE else SinglePhaseKind(phase),
                switch=_meant(mrid),
            )
            for mrid, positions in sorted(said.switches.items())
            for phase, is_open in sorted(by_phase(positions).items())
        ),
        topological_island=tuple(
            noun.TopologicalIsland(
                mrid=island_mrid(island),
                angle_ref_topological_node=_meant(island.reference) if island.reference else None,
                topological_nodes=tuple(
                    noun.TopologicalNode(mrid=bare(node)) for node in sorted(island.nodes)
                ),
            )
            for island in sorted(said.islands, key=island_mrid)
        ),
    )


def part(network: Network, wanted: Collection[str]) -> tuple[State, list[str]]:
    """What there is to say of some objects, and those of `wanted` of which there is nothing.

    wanted: mRIDs or names of equipment, whose position and service are told; mRIDs of islands, of
            topological or of connectivity nodes, whose islands are told with all their nodes.
    """
    equipment = {one: mrid for one in wanted if (mrid := _equipment(network, one))}
    switches = {mrid: at for mrid in equipment.values() if (at := _position(network, mrid))}
    said = State(switches, {mrid: network.in_service(mrid) for mrid in equipment.values()})
    others = [one for one in wanted if one not in equipment]
    if not others:
        return said, []
    found = islands(network)
    meant = {one: _meaning(found, one) for one in others}
    live = frozenset[Island]().union(*meant.values())
    listed = frozenset[str]().union(*(island.nodes for island in live))
    nodes = {of: parts for of, parts in found.nodes.items() if of in listed}
    problems = found.problems if live else ()
    strays = [one for one in others if not meant[one]]
    return replace(said, islands=live, nodes=nodes, problems=problems), strays


def namespace(network: Network) -> str:
    """In which most objects of the models are."""
    counts: Counter[str] = Counter()
    for model in network.models.values():
        for row, count in Counter(model.object[model.kind == TYPE].tolist()).items():
            counts[model.names[row].rpartition("#")[0] + "#"] += count
    return max(counts, key=lambda one: counts[one], default=CIM100)


def _position(network: Network, mrid: str) -> Mapping[str, bool] | None:
    """Whether a switch is open, by phase where it has some that are known; None for no switch."""
    try:
        closed = network.switch_closed(mrid)
    except KeyError:
        return None
    poles = network.equipment(mrid).phases or closed
    return {phase: phase not in closed for phase in sorted(poles)} or {WHOLE: True}


def _service(network: Network) -> Iterator[tuple[str, bool]]:
    facts = network.overlay
    reported = (*facts.services.values(), *facts.connections.values())
    for designation in sorted({one.of for one in reported}):
        try:
            mrid = find(network, designation)
        except KeyError:
            continue  # it does not fit the models, which the network's problems say
        yield mrid, network.in_service(mrid)
    for mrid in sorted(network.devices):
        if not network.in_service(mrid):
            yield mrid, False


def _equipment(network: Network, wanted: str) -> str | None:
    try:
        mrid = find(network, wanted)
    except KeyError:
        return None
    return mrid if network.is_equipment(mrid) else None


def _meaning(found: Islands, wanted: str) -> frozenset[Island]:
    """The islands that are, or have, what is wanted."""
    meant = key(bare(wanted))
    of = {key(bare(of)) for of, parts in found.nodes.items() if meant in _keys(parts)} | {meant}
    return frozenset(
        island
        for island in found.islands
        if key(island_mrid(island)) == meant or not of.isdisjoint(_keys(island.nodes))
    )


def _keys(nodes: Collection[str]) -> set[str]:
    return {key(bare(one)) for one in nodes}


def _meant(identity: str) -> Reference:
    return Reference(bare(identity))
