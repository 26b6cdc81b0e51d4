"""The one form in which messages are stored: ed.1 generic envelope, XSD XML payload."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim import envelope, xml
from cim.hollow import hollow
from cim.message import Fault, Message, OperationSet
from cim.override import stored
from cim.parse import MODEL
from cim.profile import Profile
from cim.profiles.network_models import NetworkModels
from cim.validation import violations
from cim.violation import Refusal

_COMPRESSED = frozenset({"NetworkModels"})  # tens of megabytes each


def encode(message: Message) -> bytes:
    """The canonical bytes of a message that is known to be valid."""
    with stored():
        return _written(_element(message))


def encode_checked(message: Message) -> bytes:
    """The canonical bytes of what an adapter or an app says.

    Raises: Refusal when they break the schema of the envelope or of the noun.
    """
    with stored():
        root = _element(message)
        for checked, partial in ((root, False), *_nouns(root, message)):
            if broken := violations(checked, partial=partial):
                raise Refusal(broken)
        return _written(root)


def decode(body: bytes) -> Message:
    """The message that `encode` has written."""
    with stored():
        message = envelope.read(body, MODEL)
    if isinstance(message, Fault):
        raise Refusal.of("1.8", "a FaultMessage is no entry of the journal")
    return message


def _element(message: Message) -> etree._Element:
    return envelope.write_element(message, compress=message.header.noun in _COMPRESSED)


def _nouns(root: etree._Element, message: Message) -> Iterator[tuple[etree._Element, bool]]:
    """The nouns in a message, and whether they are partial."""
    verb, payload = message.header.verb, message.payload
    if isinstance(payload, NetworkModels):
        yield xml.encode(hollow(payload)), False  # the documents were looked at when written
    elif isinstance(payload, Profile):
        yield (
            root[-1][0],
            verb.is_partial(type(payload)),
        )  # the one child of Payload, which comes last
    elif isinstance(payload, OperationSet):
        for one in payload.operations:
            if one.payload is not None:
                partial = (one.verb or verb).is_partial(type(one.payload))
                yield xml.encode(one.payload), partial


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
