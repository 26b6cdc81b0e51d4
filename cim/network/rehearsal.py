"""A small network goes through all that networks go through, before anybody waits for it.

A compiled loop is loaded at its first call, a tenth of a second or more in all, and meanwhile every
other thread that calls a loop for the first time waits, however small its question.
"""

from __future__ import annotations

from cim.message import Header, Kind, Message, Verb
from cim.network.changes import changed
from cim.network.network import Network
from cim.profile import Profile, RdfXml
from cim.profiles.identification import PowerSystemResource
from cim.profiles.network_models import NetworkModel, NetworkModels
from cim.profiles.psr_events import PSREvent, PSREventKind, PSREvents

_MODEL = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cim="http://iec.ch/TC57/CIM100#"
 xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#"
 xmlns:dm="http://iec.ch/TC57/61970-552/DifferenceModel/1#">
{}</rdf:RDF>"""

_FIRST = """<md:FullModel rdf:about="urn:uuid:1"/>
<cim:ConnectivityNode rdf:ID="_a"/>
<cim:ConnectivityNode rdf:ID="_b"/>
<cim:ConnectivityNode rdf:ID="_c"/>
<cim:EnergySource rdf:ID="_source"/>
<cim:Breaker rdf:ID="_switch"><cim:Switch.normalOpen>false</cim:Switch.normalOpen></cim:Breaker>
<cim:ACLineSegment rdf:ID="_line"/>
<cim:EnergyConsumer rdf:ID="_load"/>
<cim:UsagePoint rdf:ID="_point"><cim:UsagePoint.Equipments rdf:resource="#_load"/></cim:UsagePoint>
"""

_SECOND = """<dm:DifferenceModel rdf:about="urn:uuid:2">
<md:Model.Supersedes rdf:resource="urn:uuid:1"/>
<dm:reverseDifferences rdf:parseType="Statements"/>
<dm:forwardDifferences rdf:parseType="Statements">
<cim:ACLineSegment rdf:ID="_other"/>
{}</dm:forwardDifferences></dm:DifferenceModel>"""

_THIRD = """<md:FullModel rdf:about="urn:uuid:3"/>
<cim:ConnectivityNode rdf:ID="_d"/>
<cim:Jumper rdf:ID="_beyond"/>
"""

_TERMINAL = """<cim:Terminal rdf:ID="_{0}-{1}">
<cim:Terminal.ConductingEquipment rdf:resource="#_{0}"/>
<cim:Terminal.ConnectivityNode rdf:resource="#_{1}"/></cim:Terminal>
"""


def rehearse() -> Network:
    """Load every compiled loop that a network needs; once in a process, at its start.

    The answer is what became of the small network.
    """
    network = Network.empty()
    for message in (
        _created("1", _FIRST + _ends("source-a switch-a switch-b line-b line-c load-c")),
        _moved(PSREventKind.OUT_OF_SERVICE),
        _created("2", _SECOND.format(_ends("other-a other-b"))),
        _moved(PSREventKind.IN_SERVICE),
        _created("3", _THIRD + _ends("beyond-c beyond-d")),
    ):
        before, network = network, network.after(message)
        _asked(before, network)
        _asked(network, Network.from_bytes(network.to_bytes()))
    return network


def _asked(before: Network, network: Network) -> None:
    """Every question that a loop answers."""
    changed(before, network)
    network.energised_phases("b")
    network.earthed_phases("b")
    network.voltage_level("b")
    network.served()
    network.downstream("a")
    network.between("switch", "line")
    network.usage_points_below("switch")
    network.next_devices("switch")
    network.isolation_points("line")
    network.loops()
    network.counts()
    network.as_operated(network.version[0])
    changed(network, network.normal)


def _moved(kind: PSREventKind) -> Message:
    line = PowerSystemResource(mrid="line")
    return _message(PSREvents(psrevent=(PSREvent(kind=kind, power_system_resource=line),)))


def _message(payload: Profile) -> Message:
    header = Header(verb=Verb.CREATED, noun=type(payload).__name__)
    return Message(kind=Kind.EVENT, header=header, payload=payload)


def _created(mrid: str, objects: str) -> Message:
    document = RdfXml(_MODEL.format(objects).encode())
    return _message(NetworkModels(network_model=(NetworkModel(mrid=mrid, document=document),)))


def _ends(pairs: str) -> str:
    """The terminals of equipment at nodes."""
    return "".join(_TERMINAL.format(*pair.split("-")) for pair in pairs.split())
