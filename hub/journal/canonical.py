"""The one form in which messages are stored: ed.1 generic envelope, XSD XML payload.

What came in this form is kept as it came, whatever its prefixes and white space; of all else what
is written anew, beside what came.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from cim import envelope, xml
from cim.hollow import hollow
from cim.message import Fault, Message, OperationSet
from cim.override import stored
from cim.parse import MODEL, NOT_VALID, parsed_own
from cim.profile import Profile
from cim.profiles.network_models import NetworkModels
from cim.validation import violations
from cim.violation import Refusal, Violation

_COMPRESSED = frozenset({"NetworkModels"})  # tens of megabytes each


def encode(message: Message) -> bytes:
    """The canonical bytes of a message that is known to be valid."""
    if message.document is not None:
        return message.document
    with stored():
        return envelope.write(message, compress=message.header.noun in _COMPRESSED)


def encode_checked(message: Message) -> bytes:
    """The canonical bytes of what an adapter or an app says.

    Raises: Refusal when they break the schema of the envelope or of the noun.
    """
    with stored():
        body = encode(message)
        root = parsed_own(body)
        if root is not None and not any(_broken(root, message)):
            return body
        # What is wrong is told of the message, which has no lines yet.
        for broken in _broken(_element(message), message):
            if broken:
                raise Refusal(broken)
    raise Refusal.of(NOT_VALID, "What has been written of the message is not valid.")


def _broken(root: etree._Element, message: Message) -> Iterator[tuple[Violation, ...]]:
    """What breaks the schema of the envelope, and then of each noun in it."""
    for checked, partial in ((root, False), *_nouns(root, message)):
        yield violations(checked, partial=partial)


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
