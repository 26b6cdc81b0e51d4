"""Devices and usage points as requests name them: by mRID, or by a name the network knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cim.network import Network
from cim.profiles.identification import UsagePoint
from cim.profiles.outages import ConductingEquipment
from cim.violation import Refusal
from dms_apps.outage.asked import INVALID, NO_POINT


def device(network: Network, given: Sequence[ConductingEquipment], own: str | None = None) -> str:
    """mRID of the first device that the network knows; "" when none is named.  Raises: Refusal.

    own: the device of the outage, which may be a jumper that is gone: no network knows that.
    """
    for one in given:
        for name in filter(None, (one.mrid, *(n.name for n in one.names))):
            if name == own:
                return own
            if network.knows(name):
                return network.equipment(name).mrid
            try:
                return network.equipment_named(name).mrid
            except KeyError:
                continue
    if given:
        name = given[0].mrid or next((n.name for n in given[0].names), "without a name")
        rule = f"UnplannedOutage, OutageIsolationEquipment {name}: it is not in the network."
        raise Refusal.of(INVALID, rule, value=name)
    return ""


def points(
    network: Network, given: Iterable[UsagePoint], field: str = "DeEnergizedUsagePoint"
) -> Iterator[str]:
    """mRIDs of usage points.  Raises: Refusal for one that the network does not know."""
    for point in given:
        names = [n for n in (point.mrid, *(n.name for n in point.names)) if n]
        known = (network.usage_point_of(name) for name in names)
        found = next((mrid for mrid in known if mrid), None)
        if found is None:
            called = " ".join(names) or "without a name"
            rule = f"UnplannedOutage, {field} {called}: it is not in the network."
            raise Refusal.of(NO_POINT, rule, value=called)
        yield found
