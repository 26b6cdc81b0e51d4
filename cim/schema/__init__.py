"""Schemas and service descriptions, generated from the profiles.

`python -m cim.schema` writes them to schemas/.  They lie in one folder and name one another by
file name.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from cim.profile import Profile
from cim.profiles import NOUNS
from cim.profiles.network_models import NetworkModels
from cim.schema.names import Form, Operation, Service, services, services_of
from cim.schema.rdfs import noun_rdfs
from cim.schema.typed import message_xsd
from cim.schema.wsdl import ADDRESS, generic_wsdl, typed_wsdl
from cim.schema.xsd import noun_xsd

__all__ = [
    "ADDRESS",
    "Operation",
    "Service",
    "envelope_xsd",
    "files",
    "files_of",
    "noun_xsd",
    "services",
    "services_of",
]


def envelope_xsd() -> bytes:
    """The schema of the envelope, Message.xsd."""
    return (resources.files("cim.schema") / "Message.xsd").read_bytes()


def files() -> dict[str, bytes]:
    """Every file of schemas/, by name."""
    return dict(_files())


def _files() -> Iterator[tuple[str, bytes]]:
    yield "Message.xsd", envelope_xsd()
    yield "Generic.wsdl", generic_wsdl()
    for noun in NOUNS.values():
        yield from files_of(noun)


def files_of(noun: type[Profile]) -> Iterator[tuple[str, bytes]]:
    """The files of one noun, by name."""
    name = noun.__name__
    yield f"{name}.xsd", noun_xsd(noun)
    if noun.query is not None:
        yield f"{noun.query.__name__}.xsd", noun_xsd(noun.query)
    services = services_of(noun)
    forms = {service.form for service in services}
    if Form.CHANGE in forms:
        yield f"{name}Change.xsd", noun_xsd(noun, partial=not noun.whole)
    if noun is not NetworkModels:  # its RDF form is the model itself
        yield f"{name}.rdfs", noun_rdfs(noun)
    for form in Form:
        if form in forms:
            yield form.file_of(noun), message_xsd(noun, form)
    for service in services:
        yield f"{service.name}.wsdl", typed_wsdl(service)
