"""A model with a breaker that is too weak: a hub that computes short circuits tells it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from lxml import etree

from cim.message import Verb
from cim.profiles.limit_violations import LimitViolations
from tests import soap_clients as clients
from tests.dms_apps.load_flow.playing import modelled
from tests.dms_apps.short_circuit.protected import parts
from tests.end_to_end.test_load_flow import SYSTEM, running, wanted

WEAK = {"r": {"ProtectedSwitch.breakingCapacity": "2000", "Switch.ratedCurrent": "100"}}


def test_a_device_beyond_its_rating_is_told_and_faults_are_answered(tmp_path: Path) -> None:
    with running(tmp_path, short_circuit={"settle": 0.1}) as house:
        house.tell(modelled(*parts(**WEAK)))
        over = house.told("LimitViolations", Verb.CREATED, lambda said: said.limit_violation)
        assert isinstance(over.payload, LimitViolations)
        assert {str(o.equipment.mrid) for o in over.payload.limit_violation if o.equipment} == {"r"}
        house.told("MeasurementValues", Verb.CREATED, lambda said: len(said.analog_value) == 7)
        levels = house.report("short_circuit/reports/levels?under=r").json()
        assert {row[0] for row in levels["rows"]} == {"n4", "n6", "n7", "n8"}
        drawn = house.report("short_circuit/reports/levels?format=svg")
        assert drawn.headers["content-type"].startswith("image/svg")
        client = clients.zeep_client(house.hub.url, "", house.token)
        options = {"analysis": "short-circuit", "node": "n3", "phases": "A", "ground": "1"}
        with closing(client.transport.session):
            reply = client.service.Request(
                Header=clients.header("create", "StateVariables", SYSTEM),
                Request={"Option": [{"name": n, "value": v} for n, v in options.items()]},
                Payload={"_value_1": [wanted()]},
            )
        assert reply.Reply.Result == "PARTIAL", reply.Reply  # here the assumed load is not
        assert "d_t1" in str(reply.Reply.Error)
        found = etree.tostring(reply.Payload._value_1[0]).decode()
        assert "1ph-earth fault at n3" in found
