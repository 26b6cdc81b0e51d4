"""Usage points and meters as CIM RDF/XML: the UsagePoint part of the network model.

Nothing in it says who the customer is: names are those of service point, premise and meter.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from lxml import etree

from adapters.cis.service_points import ServicePoint

CIM = "http://iec.ch/TC57/CIM100#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MD = "http://iec.ch/TC57/61970-552/ModelDescription/1#"


def identifier(kind: str, system: str, name: str) -> str:
    """The mRID of what a system calls `name`: always the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:gridbus:{system}:{kind}:{name}"))


def document(system: str, mrid: str, profile: str, points: Iterable[ServicePoint]) -> bytes:
    """The model `mrid` of all `points`, in their order."""
    root = etree.Element(f"{{{RDF}}}RDF", nsmap={"rdf": RDF, "cim": CIM, "md": MD})
    header = _object(root, f"{{{MD}}}FullModel", mrid)
    etree.SubElement(header, f"{{{MD}}}Model.profile").text = profile
    premises: set[str] = set()
    for point in points:
        premise = identifier("premise", system, point.premise) if point.premise else ""
        if premise and premise not in premises:
            premises.add(premise)
            _name(_object(root, f"{{{CIM}}}ServiceLocation", premise), premise, point.premise)
        usage = _usage_point(root, system, point, premise)
        if point.meter:
            _meter(root, system, point, usage)
    etree.indent(root, space=" ")
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def _usage_point(root: etree._Element, system: str, point: ServicePoint, premise: str) -> str:
    mrid = identifier("usage-point", system, point.name)
    usage = _object(root, f"{{{CIM}}}UsagePoint", mrid)
    _name(usage, mrid, point.name)
    _text(usage, "UsagePoint.isSdp", "true")
    if point.phase:
        code = etree.SubElement(usage, f"{{{CIM}}}UsagePoint.phaseCode")
        code.set(f"{{{RDF}}}resource", f"{CIM}PhaseCode.{point.phase}")
    if point.priority:
        _text(usage, "UsagePoint.servicePriority", point.priority)
    _link(usage, "UsagePoint.Equipments", point.equipment)
    if premise:
        _link(usage, "UsagePoint.ServiceLocation", premise)
    return mrid


def _meter(root: etree._Element, system: str, point: ServicePoint, usage: str) -> None:
    mrid = identifier("meter", system, point.meter)
    meter = _object(root, f"{{{CIM}}}Meter", mrid)
    _name(meter, mrid, point.meter)
    _link(meter, "EndDevice.UsagePoint", usage)


def _object(root: etree._Element, tag: str, mrid: str) -> etree._Element:
    element = etree.SubElement(root, tag)
    element.set(f"{{{RDF}}}about", f"urn:uuid:{mrid}")
    return element


def _name(element: etree._Element, mrid: str, name: str) -> None:
    _text(element, "IdentifiedObject.mRID", mrid)
    _text(element, "IdentifiedObject.name", name)


def _text(element: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(element, f"{{{CIM}}}{tag}").text = text


def _link(element: etree._Element, tag: str, mrid: str) -> None:
    etree.SubElement(element, f"{{{CIM}}}{tag}").set(f"{{{RDF}}}resource", f"urn:uuid:{mrid}")
