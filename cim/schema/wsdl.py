"""The service descriptions: SOAP 1.1, document/literal, one body part, faults declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from cim.schema.build import document, maker
from cim.schema.names import MESSAGE, XS, Service, target

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
HTTP = "http://schemas.xmlsoap.org/soap/http"
GENERIC = "urn:gridbus:61968-100:2013:"
ADDRESS = "http://localhost/soap"
"""Stands in the files as they lie; who serves them puts the real address in its place."""


@dataclass(frozen=True)
class _Call:
    """One operation: its name, its soapAction and the local names of its messages."""

    name: str
    action: str
    input: str
    output: str
    fault: str


def typed_wsdl(service: Service) -> bytes:
    """The description of one strongly typed service."""
    name = service.form.name_of(service.noun)
    calls = [
        _Call(o.name, o.soap_action, *map(_local, (o.root, service.response, service.fault)))
        for o in service.operations
    ]
    return _document(
        service.name,
        target(service.noun, service.name),
        etree.QName(service.response).namespace or "",
        service.form.file_of(service.noun),
        name,
        calls,
    )


def generic_wsdl() -> bytes:
    """The description of the service that carries every noun in the generic envelope."""
    calls = [
        _generic("Request", "RequestMessage"),
        _generic("Response", "ResponseMessage"),
        _generic("PublishEvent", "EventMessage"),
    ]
    return _document("Generic", f"{GENERIC}Generic", MESSAGE, "Message.xsd", "Generic", calls)


def _generic(name: str, root: str) -> _Call:
    return _Call(name, f"{GENERIC}{name}", root, "ResponseMessage", "FaultMessage")


def _local(tag: str) -> str:
    return etree.QName(tag).localname


def _document(
    service: str,
    namespace: str,
    messages: str,
    schema: str,
    port: str,
    calls: list[_Call],
) -> bytes:
    prefixes = {"wsdl": WSDL, "soap": SOAP, "xs": XS, "tns": namespace, "message": messages}
    parts = _Parts(prefixes, port)
    root = parts.wsdl("definitions", name=service, targetNamespace=namespace)
    root.append(parts.types(messages, schema))
    root.extend(parts.messages(calls))
    root.append(parts.port_type(calls))
    root.append(parts.binding(calls))
    root.append(parts.service(service))
    return document(root, f"Service {service}.")


class _Parts:
    """The parts of one description, in the order WSDL 1.1 wants them."""

    def __init__(self, prefixes: Mapping[str, str], port: str) -> None:
        self.wsdl, self.soap = maker(WSDL, prefixes), maker(SOAP, prefixes)
        self.xs = maker(XS, prefixes)
        self.port = port

    def types(self, messages: str, schema: str) -> etree._Element:
        imported = self.xs("import", namespace=messages, schemaLocation=schema)
        return self.wsdl("types", self.xs("schema", imported, elementFormDefault="qualified"))

    def messages(self, calls: list[_Call]) -> Iterator[etree._Element]:
        names = {n: None for c in calls for n in (c.input, c.output, c.fault)}
        for name in names:
            yield self.wsdl(
                "message",
                self.wsdl("part", name="body", element=f"message:{name}"),
                name=name,
            )

    def port_type(self, calls: list[_Call]) -> etree._Element:
        operations = [
            self.wsdl(
                "operation",
                self.wsdl("input", name=f"{c.name}Request", message=f"tns:{c.input}"),
                self.wsdl("output", name=f"{c.name}Response", message=f"tns:{c.output}"),
                self.wsdl("fault", name=f"{c.name}Fault", message=f"tns:{c.fault}"),
                name=c.name,
            )
            for c in calls
        ]
        return self.wsdl("portType", *operations, name=f"{self.port}_Port")

    def binding(self, calls: list[_Call]) -> etree._Element:
        return self.wsdl(
            "binding",
            self.soap("binding", style="document", transport=HTTP),
            *map(self.bound, calls),
            name=f"{self.port}_Binding",
            type=f"tns:{self.port}_Port",
        )

    def bound(self, call: _Call) -> etree._Element:
        literal = {"use": "literal"}
        fault = f"{call.name}Fault"
        return self.wsdl(
            "operation",
            self.soap("operation", soapAction=call.action, style="document"),
            self.wsdl("input", self.soap("body", **literal), name=f"{call.name}Request"),
            self.wsdl("output", self.soap("body", **literal), name=f"{call.name}Response"),
            self.wsdl("fault", self.soap("fault", name=fault, **literal), name=fault),
            name=call.name,
        )

    def service(self, name: str) -> etree._Element:
        port = self.wsdl(
            "port",
            self.soap("address", location=ADDRESS),
            name=f"{self.port}_Port",
            binding=f"tns:{self.port}_Binding",
        )
        return self.wsdl("service", port, name=name)
