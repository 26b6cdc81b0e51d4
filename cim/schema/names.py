"""Namespaces and operations of each noun: what schemas, WSDL and the envelope agree on."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
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


class Form(StrEnum):
    """What strongly typed messages of a noun are called after; each form has its own schema."""

    PLAIN = "Noun"
    QUERY = "GetNoun"
    SET = "NounOperationSet"

    @classmethod
    def of(cls, verb: Verb) -> Form:
        """The form in which `verb` travels; PLAIN for a reply, which may come in any."""
        return _FORMS.get(verb, cls.PLAIN)

    def name_of(self, noun: type[Profile]) -> str:
        """E.g. "EndDeviceEventsOperationSet"."""
        return self.replace("Noun", noun.__name__)

    def namespace(self, noun: type[Profile]) -> str:
        """The namespace of the schema of these messages."""
        return target(noun, f"{self.name_of(noun)}Message")


_FORMS = {Verb.GET: Form.QUERY, Verb.EXECUTE: Form.SET, Verb.EXECUTED: Form.SET}


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
    form: Form
    operations: tuple[Operation, ...]
    response: str
    fault: str


@cache
def services() -> tuple[Service, ...]:
    """Every strongly typed service, as services.toml lists them."""
    data = (resources.files("cim.schema") / "services.toml").read_text("utf-8")
    table: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(data)
    return tuple(
        _service(pattern.replace("Noun", noun), NOUNS[noun], tuple(map(Verb, verbs)))
        for noun, patterns in table.items()
        for pattern, verbs in patterns.items()
    )


def _service(name: str, noun: type[Profile], verbs: tuple[Verb, ...]) -> Service:
    form = Form.of(verbs[0])
    answers = f"{{{form.namespace(noun)}}}{form.name_of(noun)}"
    return Service(
        name=name,
        noun=noun,
        form=form,
        operations=tuple(_operation(noun, verb) for verb in verbs),
        response=f"{answers}ResponseMessage",
        fault=f"{answers}FaultMessage",
    )


def _operation(noun: type[Profile], verb: Verb) -> Operation:
    name = _operation_name(noun, verb)
    return Operation(
        name=name,
        verb=verb,
        root=root_of(noun, verb),
        soap_action=target(noun, f"{noun.__name__}/{name}"),
    )


def _operation_name(noun: type[Profile], verb: Verb) -> str:
    name = Form.of(verb).name_of(noun)
    return name if verb is Verb.GET else verb.capitalize() + name


def root_of(noun: type[Profile], verb: Verb) -> str:
    """The strongly typed root of a request or event, as {namespace}name."""
    root = f"{{{Form.of(verb).namespace(noun)}}}{_operation_name(noun, verb)}"
    return f"{root}RequestMessage" if verb is Verb.GET else root
