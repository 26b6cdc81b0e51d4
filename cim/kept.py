"""What an application keeps of what it was told, word for word, in a column of its own."""

from __future__ import annotations

from typing import TypeVar

from cim import envelope
from cim.message import Header, Kind, Message, Verb
from cim.profile import Profile

P = TypeVar("P", bound=Profile)


def document(payload: Profile) -> bytes:
    """A payload as it is kept."""
    header = Header(verb=Verb.CREATED, noun=type(payload).__name__)
    return envelope.write(Message(header=header, kind=Kind.EVENT, payload=payload))


def payload_in(kept: bytes, noun: type[P]) -> P:
    """The payload that was kept."""
    message = envelope.read(kept)
    assert isinstance(message, Message)  # noqa: S101 - as it was kept
    assert isinstance(message.payload, noun)  # noqa: S101
    return message.payload
