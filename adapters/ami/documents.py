"""EndDeviceEvents in XML files: the bare noun, or inside the envelope of IEC 61968-100, which may
come with that of SOAP around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from cim import envelope, validation, xml
from cim.dialect import DEFAULT, Correction, Dialect, correct, hinted
from cim.message import Fault, Verb
from cim.profiles.end_device_events import EndDeviceEvent, EndDeviceEvents
from cim.violation import Refusal


@dataclass(frozen=True)
class EventElement:
    """One event of a file."""

    origin: str
    raw: bytes
    event: EndDeviceEvent
    correlation_id: str | None = None
    corrections: Sequence[Correction] = ()


def elements(name: str, root: etree._Element, dialect: Dialect = DEFAULT) -> list[EventElement]:
    """The events of the document `name`; what was corrected in it is said with the first of them.

    Raises: Refusal, whose text names line, XPath and rule.
    """
    root, corrections = correct(root, dialect)
    with hinted(root, dialect):
        said, correlation_id = _payload(root)
    return [
        EventElement(
            f"{name} event {number}",
            _bytes(event),
            event,
            correlation_id,
            corrections if number == 1 else (),
        )
        for number, event in enumerate(said.end_device_event, 1)
    ]


def _payload(root: etree._Element) -> tuple[EndDeviceEvents, str | None]:
    """The events, and the correlation id of their envelope."""
    correlation_id = None
    if root.tag == f"{{{EndDeviceEvents.namespace}}}EndDeviceEvents":
        if found := validation.violations(root):
            raise Refusal(found)
        payload = xml.decode(root)
    else:
        message = envelope.read_element(root)
        if isinstance(message, Fault) or message.header.verb is not Verb.CREATED:
            raise Refusal.of("2.9", "the file must hold created EndDeviceEvents", line=1)
        payload = message.payload  # type: ignore[assignment]
        correlation_id = message.header.correlation_id
    if not isinstance(payload, EndDeviceEvents):
        raise Refusal.of("2.5", "the payload must be EndDeviceEvents", line=1)
    return payload, correlation_id


def _bytes(event: EndDeviceEvent) -> bytes:
    return etree.tostring(xml.encode(EndDeviceEvents(end_device_event=(event,))))
