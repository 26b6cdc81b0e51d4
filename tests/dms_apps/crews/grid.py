"""The network that crews drive in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cim.message import Verb
from cim.network import Network
from cim.profile import RdfXml
from cim.profiles.network_models import NetworkModel, NetworkModels
from tests.dms_apps.crews.playing import DAY, event


def network(devices: Iterable[Mapping[str, Any]]) -> Network:
    """Switches of a feeder, each with its place: id, kind, at, feeder."""
    lines = []
    for one in devices:
        mrid, feeder, (x, y) = one["id"], one.get("feeder", "FDR-1"), one["at"]
        name = f"<cim:IdentifiedObject.name>{mrid}</cim:IdentifiedObject.name>"
        lines.append(
            f'<cim:Feeder rdf:about="#{feeder}"><cim:IdentifiedObject.name>{feeder}'
            f"</cim:IdentifiedObject.name></cim:Feeder>"
            f'<cim:{one["kind"]} rdf:about="#{mrid}">{name}'
            f'<cim:Equipment.EquipmentContainer rdf:resource="#{feeder}"/>'
            f'<cim:PowerSystemResource.Location rdf:resource="#{mrid}-place"/></cim:{one["kind"]}>'
            f'<cim:Location rdf:about="#{mrid}-place"/>'
            f'<cim:PositionPoint rdf:about="#{mrid}-point">'
            f'<cim:PositionPoint.Location rdf:resource="#{mrid}-place"/>'
            f"<cim:PositionPoint.xPosition>{x}</cim:PositionPoint.xPosition>"
            f"<cim:PositionPoint.yPosition>{y}</cim:PositionPoint.yPosition></cim:PositionPoint>"
        )
        for number in (1, 2):
            lines.append(
                f'<cim:Terminal rdf:about="#{mrid}-{number}">'
                f'<cim:Terminal.ConductingEquipment rdf:resource="#{mrid}"/>'
                f'<cim:Terminal.ConnectivityNode rdf:resource="#{mrid}-n{number}"/></cim:Terminal>'
                f'<cim:ConnectivityNode rdf:about="#{mrid}-n{number}"/>'
            )
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:cim="http://iec.ch/TC57/CIM100#">{"".join(dict.fromkeys(lines))}</rdf:RDF>'
    )
    model = NetworkModel(mrid="model", document=RdfXml(document.encode()))
    return Network.empty().after(event(NetworkModels(network_model=(model,)), Verb.CREATED, DAY))
