"""What supplies the usage points, by asking for one after the other."""

from __future__ import annotations

from cim.network import Network, phases
from cim.network.served import Served

Facts = tuple[frozenset[str], bool, str, tuple[str, ...]]
"""The phases supplied, whether on all of them, the feeder and the protective path."""


def asked(network: Network) -> dict[str, Facts]:
    """The facts of each usage point."""
    return {
        point: (
            network.energised_phases(point),
            network.is_energised(point),
            network.feeder_of(point),
            network.protective_path(point),
        )
        for point in network.usage_points
    }


def told(served: Served) -> dict[str, Facts]:
    """The same, of all at once."""
    found: dict[str, Facts] = {}
    for number, point in enumerate(served.points):
        above = served.above[served.start[number] : served.start[number + 1]].tolist()
        found[point] = (
            phases.names(int(served.supplied[number])),
            not served.dead[number],
            served.feeders[number],
            tuple(served.devices[device] for device in reversed(above)),
        )
    return found


def check(network: Network) -> None:
    """Both say the same, of the devices too."""
    served = network.served()
    assert told(served) == asked(network)
    for device, protective, bits in zip(
        served.devices, served.protective.tolist(), served.phases.tolist(), strict=True
    ):
        assert protective == network.is_protective(device)
        assert phases.names(bits) == network.equipment(device).phases
