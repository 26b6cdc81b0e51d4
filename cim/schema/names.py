"""Namespaces and operations of each noun: what schemas, WSDL and the envelope agree on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from cim.message import Verb
from cim.profile import Profile
from cim.profiles import NOUNS

MESSAGE = "http://iec.ch/TC57/2011/schema/message"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XS = "http://www.w3.org/2001/XMLSchema"


def target(noun: type[Profile], part: str) -> str:
    """The namespace of `part`, e.g. "ReceiveEndDeviceEvents", beside that of the noun.

    IEC nouns live in http://iec.ch/TC57/<year>/, ours in urn:gridbus:<part>:<year>:.
    """
    return noun.namespace.removesuffix(f"{noun.__name__}#") + part


def message_namespace(noun: type[Profile]) -> str:
    """The namespace of the strongly typed messages of `noun`."""
    return target(noun, f"{noun.__name__}Message")


def query_namespace(noun: type[Profile]) -> str:
    """The namespace of the strongly typed query of `noun`."""
    return target(noun, f"Get{noun.__name__}Message")


@dataclass(frozen=True)
class Operation:
    """One operation of a strongly typed service.

    root: the element in the body of its request, as {namespace}name.
    """

    name: str
    verb: Verb
    root: str
    soap_action: str


@dataclass(frozen=True)
class Service:
    """One strongly typed WSDL: a noun and a direction.

    response, fault: the elements of its answers, as {namespace}name.
    """

    name: str
    noun: type[Profile]
    operations: tuple[Operation, ...]
    response: str
    fault: str

    @property
    def is_query(self) -> bool:
        return self.name.startswith("Get")


@cache
def services() -> tuple[Service, ...]:
    """Every strongly typed service, as services.toml lists them."""
    data = (resources.files("cim.schema") / "services.toml").read_text("utf-8")
    table: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(data)
    return tuple(
        _service(direction, NOUNS[noun], tuple(map(Verb, verbs)))
        for noun, directions in table.items()
        for direction, verbs in directions.items()
    )


def _service(direction: str, noun: type[Profile], verbs: tuple[Verb, ...]) -> Service:
    name = noun.__name__
    query = direction == "Get"
    prefix = "Get" if query else ""
    namespace = query_namespace(noun) if query else message_namespace(noun)
    return Service(
        name=f"{direction}{name}",
        noun=noun,
        operations=tuple(_operation(noun, verb) for verb in verbs),
        response=f"{{{namespace}}}{prefix}{name}ResponseMessage",
        fault=f"{{{namespace}}}{prefix}{name}FaultMessage",
    )


def _operation(noun: type[Profile], verb: Verb) -> Operation:
    name = f"{verb.capitalize()}{noun.__name__}"
    return Operation(
        name=name,
        verb=verb,
        root=root_of(noun, verb),
        soap_action=target(noun, f"{noun.__name__}/{name}"),
    )


def root_of(noun: type[Profile], verb: Verb) -> str:
    """The strongly typed root of a request or event, as {namespace}name."""
    if verb is Verb.GET:
        return f"{{{query_namespace(noun)}}}Get{noun.__name__}RequestMessage"
    return f"{{{message_namespace(noun)}}}{verb.capitalize()}{noun.__name__}"
