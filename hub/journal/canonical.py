"""The one form in which messages are stored: ed.1 generic envelope, XSD XML payload."""

from __future__ import annotations

from cim.message import Fault, Message
from cim.violation import Refusal

_COMPRESSED = frozenset({"NetworkModels"})  # tens of megabytes each


def encode(message: Message) -> bytes:
    """The canonical bytes of `message`.  Raises: Refusal when they would break the schema."""
    from cim import envelope, validation

    root = envelope.write_element(message, compress=message.header.noun in _COMPRESSED)
    if violations := validation.violations(root):
        raise Refusal(violations)
    return envelope.serialise(root)


def decode(body: bytes) -> Message:
    """The message that `encode` has written."""
    from cim import envelope

    message = envelope.read(body)
    if isinstance(message, Fault):
        raise Refusal.of("1.8", "a FaultMessage is no entry of the journal")
    return message
