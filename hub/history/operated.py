"""What is operated now, as state variables (IEC 61970-456)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from cim.model import Model
from cim.model.model import TYPE
from cim.model.state_variables import CIM100, PROFILE, TOPOLOGY, WHOLE, State, document
from cim.network import Network
from hub.history.islands import islands
from hub.tracing import find


def state_variables(network: Network, at: datetime, now: datetime) -> Model:
    """Positions of all switches, islands, and service where reported or a device is out of it.

    at:  for which the state holds.
    now: when it was written.
    What is solved, such as voltages, is no part of it.  Topological nodes that no model describes
    are described in it.
    """
    switches = {mrid: positions for mrid, positions in _positions(network) if positions}
    found = islands(network)
    state = State(
        switches, dict(_service(network)), found.islands, found.nodes, problems=found.problems
    )
    return document(
        state,
        scenario_time=at,
        created=now,
        dependent_on=network.version,
        profiles=(PROFILE, TOPOLOGY) if found.nodes else (PROFILE,),
        namespace=namespace(network),
    )


def namespace(network: Network) -> str:
    """In which most objects of the models are."""
    counts: Counter[str] = Counter()
    for model in network.models.values():
        for row, count in Counter(model.object[model.kind == TYPE].tolist()).items():
            counts[model.names[row].rpartition("#")[0] + "#"] += count
    return max(counts, key=lambda one: counts[one], default=CIM100)


def _positions(network: Network) -> Iterator[tuple[str, dict[str, bool]]]:
    """Of each switch whether it is open, by phase where it has some that are known."""
    for mrid in sorted(network.devices):
        try:
            closed = network.switch_closed(mrid)
        except KeyError:
            continue
        poles = network.equipment(mrid).phases or closed
        yield mrid, {phase: phase not in closed for phase in sorted(poles)} or {WHOLE: True}


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
