"""A switch of a published feeder opens: who is without supply is told, by the installed hub."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import httpx
import networkx
import pytest
from lxml import etree
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from adapters.ami.native import write as readings
from adapters.cis.model import identifier
from adapters.cis.native import write as customers
from adapters.gis.native import write as network
from cim.parse import parse
from dms_apps.simulator.feeders import feeder
from dms_apps.simulator.files import Writers
from dms_apps.simulator.utility import Utility
from tests.installed import Site, until
from tests.soap_clients import MESSAGE, PUBLISH, soap

CONFIG = 'apps = ["network_connectivity"]\n[http]\nport = 0\n'
CIM = Namespace("http://iec.ch/TC57/CIM100#")
SPACE = {"c": "urn:gridbus:61968-3:2026:ConnectivityChanges#"}
SWITCH = "sw4"


@pytest.fixture(scope="module")
def utility(tmp_path_factory: pytest.TempPathFactory) -> Utility:
    return Utility.build("ieee123", feeder("ieee123", tmp_path_factory.mktemp("cache")), 7)


def cut_off(document: bytes, switch: str) -> set[str]:
    """Equipment that no way leads to from the source once the switch of this name is open too.

    By other tools than ours, phases aside: all poles open.
    """
    graph = Graph().parse(data=document, format="xml")
    ends: dict[str, list[str]] = defaultdict(list)
    for terminal, equipment in graph.subject_objects(CIM["Terminal.ConductingEquipment"]):
        ends[str(equipment)].append(str(graph.value(terminal, CIM["Terminal.ConnectivityNode"])))
    named = graph.subjects(CIM["IdentifiedObject.name"], Literal(switch))
    opened = {*named, *graph.subjects(CIM["Switch.open"], Literal("True"))}
    ways = networkx.Graph()
    for equipment, nodes in ends.items():
        ways.add_nodes_from(nodes)
        if URIRef(equipment) not in opened:  # type: ignore[arg-type]
            networkx.add_path(ways, nodes)
    [source] = graph.subjects(RDF.type, CIM.EnergySource)
    fed = networkx.node_connected_component(ways, ends[str(source)][0])
    return {one.removeprefix("urn:uuid:") for one, nodes in ends.items() if not fed & {*nodes}}


def switching(kind: str, switch: str) -> bytes:
    """A generic EventMessage: the switch of this name was opened or closed."""
    return (
        f'<EventMessage xmlns="{MESSAGE}"><Header><Verb>created</Verb>'
        "<Noun>SwitchingEvents</Noun><Timestamp>2026-03-01T12:00:01Z</Timestamp>"
        f"<Source>SCADA</Source><MessageID>{kind} {switch}</MessageID></Header><Payload>"
        '<SwitchingEvents xmlns="urn:gridbus:61968-3:2021:SwitchingEvents#"><SwitchingEvent>'
        "<SwitchingAction><executedDateTime>2026-03-01T12:00:00Z</executedDateTime>"
        f"<kind>{kind}</kind><OperatedSwitch><Names><name>{switch}</name></Names></OperatedSwitch>"
        "</SwitchingAction></SwitchingEvent></SwitchingEvents></Payload></EventMessage>"
    ).encode()


def publish(url: str, token: str, event: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {token}",
        "SOAPAction": PUBLISH,
        "Content-Type": "text/xml",
    }
    with httpx.Client(timeout=30, trust_env=False) as client:
        answer = client.post(f"{url}/soap", headers=headers, content=soap(event))
    assert answer.status_code == 200, answer.text


def changes(site: Site, message_id: str) -> list[etree._Element]:
    """The changes that the message of this id has caused."""

    def told() -> list[dict[str, str]]:
        found = site.messages("--noun", "ConnectivityChanges")
        return [one for one in found if one["correlation_id"] == message_id]

    [message] = until(told, f"what {message_id} changed")
    body = site.run("message", "show", message["message_id"], "--body").out
    return list(parse(body.encode()).iterfind(".//c:ConnectivityChange", SPACE))


def text(change: etree._Element, path: str) -> str:
    return str(change.findtext("/".join(f"c:{step}" for step in path.split("/")), None, SPACE))


def points(change: etree._Element) -> set[str]:
    return {str(one.text) for one in change.iterfind("c:UsagePoints/c:mRID", SPACE)}


def test_a_switch_of_ieee123_opens_and_closes(site: Site, utility: Utility) -> None:
    site.configure(CONFIG)
    _, url = site.serve()
    token = site.add_system("scada", "--source", "SCADA")
    writers = Writers(gis=network, cis=customers, ami=readings)
    for feed, (name, content) in (
        ("gis", writers.network(utility)),
        ("cis", writers.customers(utility)),
    ):
        until(site.drop(feed, name, content).exists, f"{name} is taken")
    dead = cut_off(utility.document, SWITCH)
    expected = {
        identifier("usage-point", "CIS", customer.service_point)
        for customer in utility.customers
        if customer.equipment in dead
    }
    assert 0 < len(expected) < len(utility.customers)

    publish(url, token, switching("open", SWITCH))
    lost = [c for c in changes(site, f"open {SWITCH}") if text(c, "kind") == "deEnergised"]
    assert set().union(*map(points, lost)) == expected
    assert {text(c, "Switches/Names/name") for c in lost} == {SWITCH}
    assert all(f"switch {SWITCH} was opened" in text(c, "description") for c in lost)

    publish(url, token, switching("close", SWITCH))
    back = [c for c in changes(site, f"close {SWITCH}") if text(c, "kind") == "energised"]
    assert set().union(*map(points, back)) == expected
    assert all(text(c, "createdDateTime") == "2026-03-01T12:00:00Z" for c in back)

    publish(url, token, switching("open", "no such switch"))
    [change] = changes(site, "open no such switch")
    assert text(change, "kind") == "notApplied"
    assert "no such switch" in text(change, "description")


@pytest.mark.fault
def test_what_is_told_survives_a_power_cut(site: Site, utility: Utility, tmp_path: Path) -> None:
    site.configure(CONFIG)
    hub, url = site.serve()
    token = site.add_system("scada", "--source", "SCADA")
    name, content = Writers(gis=network, cis=customers, ami=readings).network(utility)
    until(site.drop("gis", name, content).exists, "the network is taken")
    publish(url, token, switching("open", SWITCH))
    hub.kill9()

    site.serve()
    [change] = changes(site, f"open {SWITCH}")
    assert text(change, "kind") == "deEnergised"
    assert len(site.messages("--noun", "ConnectivityChanges")) == 2  # that of the model, and this
