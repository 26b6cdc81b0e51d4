"""Schemas and service descriptions, generated from the profiles.

`python -m cim.schema` writes them to schemas/.  They lie in one folder and name one another by
file name.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from cim.profiles import NOUNS
from cim.schema.names import Form, Operation, Service, services
from cim.schema.typed import message_xsd, query_xsd
from cim.schema.wsdl import ADDRESS, generic_wsdl, typed_wsdl
from cim.schema.xsd import noun_xsd

__all__ = ["ADDRESS", "Operation", "Service", "envelope_xsd", "files", "noun_xsd", "services"]


def envelope_xsd() -> bytes:
    """The schema of the envelope, Message.xsd."""
    return (resources.files("cim.schema") / "Message.xsd").read_bytes()


def files() -> dict[str, bytes]:
    """Every file of schemas/, by name."""
    return dict(_files())


def _files() -> Iterator[tuple[str, bytes]]:
    yield "Message.xsd", envelope_xsd()
    yield "Generic.wsdl", generic_wsdl()
    for name, noun in NOUNS.items():
        yield f"{name}.xsd", noun_xsd(noun)
        yield f"{name}Message.xsd", message_xsd(noun)
        yield f"Get{name}Message.xsd", query_xsd(noun)
        yield f"{name}OperationSetMessage.xsd", message_xsd(noun, Form.SET)
    for service in services():
        yield f"{service.name}.wsdl", typed_wsdl(service)
