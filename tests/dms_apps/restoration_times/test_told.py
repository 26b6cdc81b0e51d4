"""What is kept of an outage, as messages tell it."""

from __future__ import annotations

import pytest

from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.identification import UsagePoint
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.outages import ConductingEquipment
from cim.profiles.unplanned_outages import UnplannedOutage
from dms_apps.restoration_times.told import columns
from tests.dms_apps.outage.conftest import event_message, mrid, rdf
from tests.dms_apps.restoration_times.playing import DAY


@pytest.fixture(scope="module")
def network() -> Network:
    devices = [{"id": "CB1", "parent": "SS1", "kind": "breaker", "premises": ["M1"]}]
    model = NetworkModel(mrid="model", document=RdfXml(rdf(devices, "SS1")))
    return Network.empty().after(event_message(NetworkModels(network_model=(model,))))


@pytest.mark.parametrize(
    ("devices", "points", "zone", "kind"),
    [
        (["CB1"], [], "feeder", "Breaker"),
        (["gone", "CB1"], [], "feeder", "Breaker"),
        (["gone"], ["nobody", "M1"], "feeder", ""),
        (["node CB1"], ["M1"], "feeder", ""),
        (["gone"], ["nobody"], "", ""),
    ],
)
def test_of_a_device_that_nobody_knows_a_usage_point_tells_the_place(
    network: Network, devices: list[str], points: list[str], zone: str, kind: str
) -> None:
    one = UnplannedOutage(
        mrid="outage",
        original_customers_served=1,
        outage_isolation_equipment=tuple(ConductingEquipment(mrid=mrid(d)) for d in devices),
        de_energized_usage_point=tuple(UsagePoint(mrid=mrid(p)) for p in points),
    )
    found = columns(one, None, DAY, network, over=False)
    assert (found["zone"], found["kind"]) == (zone and mrid(zone), kind)
