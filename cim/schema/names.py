"""Namespaces and operations of each noun: what schemas, WSDL and the envelope agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

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


class Form(Enum):
    """What strongly typed messages of a noun are called after, and the file of their schema.

    CHANGE messages have the names and the namespace of PLAIN ones, but their noun only says what is
    known and what is new (`cim.schema.xsd`): a file of its own beside it.
    """

    PLAIN = ("Noun", "NounMessage")
    CHANGE = ("Noun", "NounChangeMessage")
    QUERY = ("GetNoun", "GetNounMessage")
    SET = ("NounOperationSet", "NounOperationSetMessage")

    @classmethod
    def of(cls, verb: Verb) -> Form:
        """The form in which `verb` travels; PLAIN for a reply, which may come in any."""
        return _FORMS.get(verb, cls.PLAIN)

    def name_of(self, noun: type[Profile]) -> str:
        """E.g. "EndDeviceEventsOperationSet"."""
        return self.value[0].replace("Noun", noun.__name__)

    def file_of(self, noun: type[Profile]) -> str:
        """The schema of these messages, e.g. "EndDeviceEventsChangeMessage.xsd"."""
        return self.value[1].replace("Noun", noun.__name__) + ".xsd"

    def namespace(self, noun: type[Profile]) -> str:
        """The namespace of the schema of these messages."""
        return target(noun, f"{self.name_of(noun)}Message")


_FORMS = {
    Verb.GET: Form.QUERY,
    Verb.EXECUTE: Form.SET,
    Verb.EXECUTED: Form.SET,
    **{verb: Form.CHANGE for verb in Verb if verb.is_about_known},
}

_SERVICES: Mapping[str, tuple[Verb, ...]] = {
    "ReceiveNoun": (Verb.CREATED,),
    "ReceiveNounChange": (Verb.CHANGED, Verb.CANCELED, Verb.CLOSED, Verb.DELETED),
    "ExecuteNoun": (Verb.CREATE,),
    "ExecuteNounChange": (Verb.CHANGE, Verb.CANCEL, Verb.CLOSE, Verb.DELETE),
    "GetNoun": (Verb.GET,),
    "ReceiveNounOperationSet": (Verb.EXECUTED,),
    "ExecuteNounOperationSet": (Verb.EXECUTE,),
}
"""Receive: events sent to the hub.  Execute: requests.  Get: queries.  OperationSet: several
requests, or events, on the noun in one message.  Each has the verbs of these that the noun has."""


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


def services() -> Iterator[Service]:
    """Every strongly typed service."""
    for noun in NOUNS.values():
        yield from services_of(noun)


def services_of(noun: type[Profile]) -> tuple[Service, ...]:
    """The strongly typed services of `noun`."""
    found = ((p, tuple(v for v in vs if v in noun.verbs)) for p, vs in _SERVICES.items())
    return tuple(_service(pattern, noun, verbs) for pattern, verbs in found if verbs)


def _service(pattern: str, noun: type[Profile], verbs: tuple[Verb, ...]) -> Service:
    form = Form.of(verbs[0])
    answers = f"{{{form.namespace(noun)}}}{form.name_of(noun)}"
    return Service(
        name=pattern.replace("Noun", noun.__name__),
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
