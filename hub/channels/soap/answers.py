"""What the hub says back on the same connection: replies, and faults where not even that works."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from lxml import etree

from cim.envelope import typed, write_element
from cim.envelope.edition2 import Edition2
from cim.message import Fault, Format, Header, Kind, Message, Reply, Verb
from cim.replies import acknowledged, done, failed
from cim.violation import Violation
from hub.channels.soap.contract import GENERIC

_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Asked:
    """What of a request its answer repeats."""

    noun: str
    correlation_id: str | None

    @classmethod
    def by(cls, header: Header) -> Asked:
        """A reply carries the request's correlation id, else its message id."""
        return cls(header.noun, header.correlation_id or header.message_id)

    @classmethod
    def read(cls, element: etree._Element) -> Asked | None:
        """The same from an envelope that is not valid; None when its header cannot be read."""
        fields = {
            etree.QName(field).localname: (field.text or "").strip()[:_MOST_CHARACTERS]
            for header in element
            if etree.QName(header).localname == "Header"
            for field in header
        }
        if not fields.get("Verb") or not fields.get("Noun"):
            return None
        identity = fields.get("CorrelationID") or fields.get("MessageID")
        return cls(fields["Noun"], identity or None)


@dataclass(frozen=True)
class Answers:
    """Writes replies in the name of `source`."""

    source: str
    clock: Callable[[], datetime]

    def accepted(self, asked: Asked) -> Message:
        """It is in the journal."""
        return self._message(asked, done())

    def acknowledged(self, asked: Asked) -> Message:
        """It is in the journal, and the reply goes elsewhere later."""
        return self._message(asked, acknowledged())

    def refused(self, asked: Asked, violations: Iterable[Violation]) -> Message:
        """It is not, and why."""
        return self._message(asked, failed(violations))

    def _message(self, asked: Asked, reply: Reply) -> Message:
        header = Header(
            verb=Verb.REPLY,
            noun=asked.noun,
            timestamp=self.clock(),
            source=self.source,
            message_id=str(uuid4()),
            correlation_id=asked.correlation_id,
        )
        return Message(header=header, kind=Kind.RESPONSE, reply=reply)


def shaped(
    message: Message | Fault,
    tag: str,
    format_: Format = Format.XML,
    *,
    compress: bool = False,
    second: Edition2 | None = None,
) -> etree._Element:
    """`message` as the element `tag` of a contract, {namespace}name.

    format_, compress: of the payload in a generic message; the strongly typed schemas know only
    plain XML.
    second: the envelope of edition 2, when a generic message is to be that.

    Raises: Refusal, for what edition 2 does not allow.
    """
    if etree.QName(tag).namespace in GENERIC:
        return write_element(message, format=format_, compress=compress, second=second)
    return typed(message, tag)
