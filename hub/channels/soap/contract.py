"""The contract: the WSDL and XSD files as they lie on disk, and what they say about operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import quoteattr  # noqa: TID251 - writes, does not parse

from lxml import etree

from cim.parse import parse
from cim.schema.edition2 import EDITION_2

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
SUFFIXES = frozenset({".wsdl", ".xsd", ".rdfs"})
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
GENERIC = frozenset({MESSAGE, EDITION_2})
"""Namespaces of envelopes for any noun."""
_NS = {"wsdl": WSDL, "soap": SOAP}
_ADDRESS = re.compile(rb'(<soap:address\s+location=)"[^"]*"')
_LOCATION = re.compile(rb'(schemaLocation=")')


@dataclass(frozen=True)
class Operation:
    """One operation of a service.

    action: the SOAPAction.
    input:  tag of the element in the body, as lxml writes it.
    output: tag of the answer's.
    fault:  tag of what a fault carries in its detail.
    """

    name: str
    action: str
    input: str
    output: str
    fault: str


@dataclass(frozen=True)
class Service:
    """One WSDL file.

    generic: whether it takes the envelopes of IEC 61968-100 whatever the noun.
    """

    name: str
    namespace: str
    document: bytes
    operations: tuple[Operation, ...]
    generic: bool


@dataclass(frozen=True)
class Contract:
    """All services by name, all files by name, and the service for any noun."""

    services: Mapping[str, Service]
    files: Mapping[str, bytes]
    generic: Service

    @classmethod
    def read(cls, folder: Path, more: Mapping[str, bytes] = MappingProxyType({})) -> Contract:
        """Read `folder`, and `more` files by name.

        Raises: ValueError when it holds no generic service.
        """
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
        files = {path.name: path.read_bytes() for path in paths} | dict(more)
        services = {
            name.removesuffix(".wsdl"): _service(name, document)
            for name, document in files.items()
            if name.endswith(".wsdl")
        }
        generic = next((service for service in services.values() if service.generic), None)
        if generic is None:
            raise ValueError(f"{folder} holds no WSDL of the generic service")
        return cls(services, files, generic)


def at(service: Service, address: str) -> bytes:
    """The WSDL with the address at which it is served; the rest to the byte."""
    location = quoteattr(address).encode()
    return _ADDRESS.sub(lambda found: found[1] + location, service.document)


def one_up(document: bytes, folder: str) -> bytes:
    """The same document for a reader who takes relative imports from one level higher."""
    return _LOCATION.sub(rb"\g<1>" + folder.encode() + b"/", document)


def _service(file: str, document: bytes) -> Service:
    root = parse(document)
    elements = {
        message.get("name", ""): _tag(part, part.get("element", ""))
        for message in root.findall("wsdl:message", _NS)
        for part in message.findall("wsdl:part", _NS)
    }
    actions = {
        operation.get("name", ""): bound.get("soapAction", "")
        for operation in root.findall("wsdl:binding/wsdl:operation", _NS)
        for bound in operation.findall("soap:operation", _NS)
    }
    operations = tuple(
        Operation(
            name=operation.get("name", ""),
            action=actions[operation.get("name", "")],
            input=elements[_message(operation, "input")],
            output=elements[_message(operation, "output")],
            fault=elements[_message(operation, "fault")],
        )
        for operation in root.findall("wsdl:portType/wsdl:operation", _NS)
    )
    generic = all(etree.QName(o.input).namespace in GENERIC for o in operations)
    namespace = root.get("targetNamespace", "")
    return Service(file.removesuffix(".wsdl"), namespace, document, operations, generic)


def _message(operation: etree._Element, direction: str) -> str:
    found = operation.find(f"wsdl:{direction}", _NS)
    if found is None:
        raise ValueError(f"operation {operation.get('name')} has no {direction}")
    return found.get("message", "").rpartition(":")[2]


def _tag(scope: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{scope.nsmap[prefix or None]}}}{local}"
