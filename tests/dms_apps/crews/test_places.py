"""Where things are in the network."""

from __future__ import annotations

import pytest

from cim.message import Verb
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from dms_apps.crews.places import Places, Site
from tests.dms_apps.crews.grid import network
from tests.dms_apps.crews.playing import DAY, event

NAME = "<cim:IdentifiedObject.name>{}</cim:IdentifiedObject.name>"
SERVICE = f"""
<cim:EnergyConsumer rdf:about="#load">{NAME.format("load")}
 <cim:PowerSystemResource.Location rdf:resource="#street"/></cim:EnergyConsumer>
<cim:Terminal rdf:about="#t"><cim:Terminal.ConductingEquipment rdf:resource="#load"/>
 <cim:Terminal.ConnectivityNode rdf:resource="#n"/></cim:Terminal>
<cim:ConnectivityNode rdf:about="#n"/>
<cim:UsagePoint rdf:about="#here">{NAME.format("SP-1")}
 <cim:UsagePoint.Equipments rdf:resource="#load"/></cim:UsagePoint>
<cim:UsagePoint rdf:about="#there">{NAME.format("SP-2")}
 <cim:UsagePoint.Equipments rdf:resource="#load"/>
 <cim:UsagePoint.UsagePointLocation rdf:resource="#house"/></cim:UsagePoint>
<cim:Location rdf:about="#street"/><cim:UsagePointLocation rdf:about="#house"/>
{{}}
"""
EMPTY = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cim="http://iec.ch/TC57/CIM100#"><cim:Fuse rdf:about="#other"/></rdf:RDF>"""
POINT = """<cim:PositionPoint rdf:about="#{0}">
 <cim:PositionPoint.Location rdf:resource="#{1}"/>
 <cim:PositionPoint.sequenceNumber>{2}</cim:PositionPoint.sequenceNumber>
 <cim:PositionPoint.xPosition>{3}</cim:PositionPoint.xPosition>
 <cim:PositionPoint.yPosition>{4}</cim:PositionPoint.yPosition></cim:PositionPoint>"""


def with_points(*points: tuple[str, str, int, str, str]) -> Network:
    body = SERVICE.format("".join(POINT.format(*point) for point in points))
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="http://iec.ch/TC57/CIM100#">{body}</rdf:RDF>'
    )
    model = NetworkModel(mrid="model", document=RdfXml(document.encode()))
    return Network.empty().after(event(NetworkModels(network_model=(model,)), Verb.CREATED, DAY))


def test_a_device_by_mrid_or_name() -> None:
    given = network([{"id": "f1", "kind": "Fuse", "at": [8.5, 47.25], "feeder": "FDR-7"}])
    site = Places().of(given, "f1")
    assert site == Site("Fuse", "f1", "FDR-7", "FDR-7", (8.5, 47.25))


@pytest.mark.parametrize("called", ["here", "SP-1"])
def test_a_service_without_a_place_is_where_its_equipment_is(called: str) -> None:
    given = with_points(("p2", "street", 2, "9", "9"), ("p1", "street", 1, "1.5", "2.5"))
    assert Places().of(given, called).point == (1.5, 2.5)
    assert Places().of(given, called).kind == "UsagePoint"


def test_a_service_with_a_place_of_its_own_is_there() -> None:
    given = with_points(("p1", "street", 1, "1", "2"), ("p2", "house", 1, "3", "4"))
    assert Places().of(given, "there").point == (3, 4)


@pytest.mark.parametrize(
    ("device", "also", "kind", "point"),
    [
        ("load", ["there"], "EnergyConsumer", (1, 2)),
        ("gone", ["gone too", "there"], "", (3, 4)),
        ("gone", ["load", "there"], "EnergyConsumer", (1, 2)),
        ("gone", [], "", None),
    ],
)
def test_of_a_device_that_nobody_knows_what_else_is_named_tells_the_place(
    device: str, also: list[str], kind: str, point: tuple[float, float] | None
) -> None:
    given = with_points(("p1", "street", 1, "1", "2"), ("p2", "house", 1, "3", "4"))
    site = Places().of(given, device, also)
    assert (site.kind, site.point) == (kind, point)


@pytest.mark.parametrize("y", ["north", "NaN", "inf", ""])
def test_what_is_no_position_is_none(y: str) -> None:
    assert Places().of(with_points(("p1", "street", 1, "1", y)), "here").point is None


def test_other_models_that_do_not_describe_it_do_no_harm() -> None:
    first = NetworkModel(mrid="empty", document=RdfXml(EMPTY.encode()))
    models = event(NetworkModels(network_model=(first,)), Verb.CREATED, DAY)
    given = network([{"id": "f1", "kind": "Fuse", "at": [1, 2]}]).after(models)
    assert len(given.version) == 2
    assert Places().of(given, "f1").point == (1, 2)
    assert Places().of(given, "other").point is None


def test_nobody_knows_a_place_that_no_model_describes() -> None:
    places = Places()
    assert places.of(Network.empty(), "f1") == Site()
    assert places.of(Network.empty(), "") == Site()
    given = network([{"id": "f1", "kind": "Fuse", "at": [1, 2]}])
    assert places.of(given, "f1").point == (1, 2)  # now that there is a model
